// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/agent_broker.hpp"
#include "tests/unit/core/fakes.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::core;
using namespace digisign::core::test;

namespace {

ErrorCode choose_fails(const AgentBroker& broker, const std::string& named, ClientId client) {
    try {
        (void)broker.choose(named, client); // only the error matters
    } catch (const Error& error) {
        return error.code();
    }
    FAIL("an agent was found");
    return ErrorCode::Internal;
}

} // namespace

TEST_CASE("choose__prefers_the_named_then_the_own_then_the_newest_default") {
    int changes = 0;
    AgentBroker broker([&] { ++changes; });
    const auto own = std::make_shared<FakeAgent>();
    const auto old_default = std::make_shared<FakeAgent>();
    const auto new_default = std::make_shared<FakeAgent>();
    const std::string own_id = broker.add({client_a, own, false});
    CHECK_FALSE(broker.default_available());
    CHECK(choose_fails(broker, "", client_b) == ErrorCode::AgentUnavailable);

    broker.add({static_cast<ClientId>(3), old_default, true});
    broker.add({static_cast<ClientId>(4), new_default, true});
    CHECK(broker.default_available());
    CHECK(broker.choose("", client_a) == own);
    CHECK(broker.choose("", client_b) == new_default);
    CHECK(broker.choose(own_id, client_b) == own);

    broker.remove(static_cast<ClientId>(4));
    CHECK(broker.choose("", client_b) == old_default);
    CHECK(changes == 4);
}

TEST_CASE("choose__agent_that_hung_up__is_unavailable_and_not_replaced_by_another") {
    AgentBroker broker([] {});
    const std::string id = broker.add({client_a, std::make_shared<FakeAgent>(), false});
    broker.add({client_b, std::make_shared<FakeAgent>(), true});
    broker.remove(client_a);
    CHECK(choose_fails(broker, id, static_cast<ClientId>(5)) == ErrorCode::AgentUnavailable);
}

TEST_CASE("add__second_agent_of_one_client__is_refused") {
    AgentBroker broker([] {});
    broker.add({client_a, std::make_shared<FakeAgent>(), false});
    CHECK_THROWS_AS(broker.add({client_a, std::make_shared<FakeAgent>(), false}), Error);
}

TEST_CASE("add__ids__are_long_and_different") {
    AgentBroker broker([] {});
    const std::string a = broker.add({client_a, std::make_shared<FakeAgent>(), false});
    const std::string b = broker.add({client_b, std::make_shared<FakeAgent>(), false});
    CHECK(a.size() == 32);
    CHECK(a != b);
}
