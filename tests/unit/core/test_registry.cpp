// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/unit/core/fakes.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::core;
using namespace digisign::core::test;

namespace {

/// Writes down what it is told, and that what is named can be found at that moment.
class Recorder final : public RegistryObserver {
public:
    explicit Recorder(Registry& registry) : registry_(registry) { registry.add_observer(*this); }

    std::vector<std::string> events;

    void on_pcsc_state_changed() override { events.emplace_back("pcsc"); }
    void on_reader_added(const Reader& reader) override { record("+reader", reader); }
    void on_reader_changed(const Reader& reader) override { record("*reader", reader); }
    void on_reader_removing(const Reader& reader) override { record("-reader", reader); }
    void on_token_added(const Token& token) override { record("+token", token); }
    void on_token_changed(const Token& token) override { record("*token", token); }
    void on_pin_changed(const Pin&) override { events.emplace_back("*pin"); }
    void on_token_removing(const Token& token) override { record("-token", token); }

private:
    void record(const char* event, const Reader& reader) {
        CHECK(registry_.find_reader(reader.name) == &reader);
        events.emplace_back(event);
    }
    void record(const char* event, const Token& token) {
        CHECK(registry_.find_token(token.id()) == &token);
        events.emplace_back(event);
    }

    Registry& registry_;
};

} // namespace

TEST_CASE("insert_and_remove__observers_see_every_object_while_it_exists") {
    Registry registry;
    Recorder recorder(registry);
    const FakeCardReader card;
    registry.on_pcsc_state(PcscState::Available, "");
    registry.on_reader_added(reader_name, {true, false});
    registry.on_reader_state(reader_name, ReaderState::Reading, "");
    registry.on_card_inserted(reader_name, session, FakeCardReader::description());
    registry.on_pin_statuses(session, {card.status(pin_1), card.status(pin_2)},
                             card::ActivationState::Active);
    registry.on_reader_state(reader_name, ReaderState::Present, "");
    registry.on_card_removed(reader_name, session);
    registry.on_reader_state(reader_name, ReaderState::Empty, "");
    registry.on_reader_removed(reader_name);
    CHECK(recorder.events == std::vector<std::string>{"pcsc", "+reader", "*reader", "+token", "*reader",
                                                      "*pin", "*pin", "*reader", "-token", "*reader",
                                                      "*reader", "-reader"});
    CHECK(registry.readers().empty());
}

TEST_CASE("reader_unplugged_with_a_card__token_goes_first") {
    Bench bench;
    Recorder recorder(bench.registry);
    bench.registry.on_reader_removed(reader_name);
    CHECK(recorder.events == std::vector<std::string>{"-token", "*reader", "-reader"});
}

TEST_CASE("pin_status__unchanged__is_not_announced_again") {
    Bench bench;
    Recorder recorder(bench.registry);
    bench.registry.update_pin_status(session, pin_1, bench.reader.status(pin_1));
    CHECK(recorder.events.empty());
    bench.registry.update_pin_status(session, pin_1, {4U, false, false, false});
    CHECK(recorder.events == std::vector<std::string>{"*pin"});
}

TEST_CASE("activation__noticed_with_the_pin_status__changes_the_token") {
    Bench bench;
    Recorder recorder(bench.registry);
    bench.registry.on_pin_statuses(session, {}, card::ActivationState::FactoryPins);
    CHECK(recorder.events == std::vector<std::string>{"*token"});
    CHECK(bench.registry.find_token(session)->needs_activation());
}

TEST_CASE("two_cards_with_one_serial_number__get_different_ids") {
    Bench bench;
    const ReaderName second{"Second Reader"};
    bench.registry.on_reader_added(second, {});
    bench.registry.on_card_inserted(second, static_cast<CardSessionId>(2), FakeCardReader::description());
    CHECK(bench.registry.find_token(session)->id() == "fineid_123456789");
    CHECK(bench.registry.find_token(static_cast<CardSessionId>(2))->id() == "fineid_123456789_2");
}

TEST_CASE("events_of_a_session_that_has_ended__are_ignored") {
    Bench bench;
    bench.registry.on_card_removed(reader_name, static_cast<CardSessionId>(99));
    CHECK(bench.registry.find_token(session) != nullptr);
    bench.registry.on_card_removed(reader_name, session);
    bench.registry.on_pin_statuses(session, {}, card::ActivationState::Active);
    CHECK(bench.registry.find_token(session) == nullptr);
}

TEST_CASE("certificate_that_does_not_parse__is_left_out_with_a_warning") {
    Registry registry;
    registry.on_reader_added(reader_name, {});
    auto description = FakeCardReader::description();
    description.certificates.push_back({{0x46}, "broken", {0x30, 0x01, 0x00}, false});
    registry.on_card_inserted(reader_name, session, description);
    const Token* token = registry.find_token(session);
    CHECK(token->certificates().empty());
    CHECK(token->description().warnings.size() == 1);
    CHECK(token->keys().size() == FakeCardReader::description().keys.size());
}
