// SPDX-License-Identifier: LGPL-2.1-or-later
// Every function without digisignd, without a card, with one, with one whose PIN is blocked, and when the
// card was pulled after everything was prepared.

#include "tests/pkcs11/functions.hpp"
#include "tests/pkcs11/rig.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>

using namespace digisign;
using namespace digisign::test;

namespace {

Context make_context_without_card(const Host& host, CK_SLOT_ID slot) {
    return {host.functions(), slot, /*session=*/1};
}

void check(const Function& function, CK_RV Function::*expected, Context& context) {
    INFO(function.name);
    CHECK(text_of(function.call(context)) == text_of(function.*expected));
}

/// One after the other, each with nothing left of the one before.
void check_all_with_card(CK_RV Function::*expected) {
    const Host host;
    const CK_SLOT_ID slot = host.slot();
    for (const Function& function : functions()) {
        Context context = make_context(host, slot);
        function.prepare(context);
        check(function, expected, context);
        (void)host->C_CloseAllSessions(slot); // fails after C_Finalize
    }
}

} // namespace

TEST_CASE("functions__every_one_of_the_header__is_in_the_table_once") {
    std::multiset<std::string> named;
    for (const Function& function : functions())
        named.insert(function.name);
    const std::multiset<std::string> all{
#define CK_PKCS11_3_0 1
#define CK_PKCS11_FUNCTION_INFO(name) #name,
#include <pkcs11f.h>
#undef CK_PKCS11_FUNCTION_INFO
#undef CK_PKCS11_3_0
    };
    CHECK(named == all);
}

TEST_CASE("functions__before_initialize__do_nothing") {
    rig("reset");
    const Library library;
    for (const Function& function : functions()) {
        const std::string name = function.name;
        CK_RV expected = CKR_CRYPTOKI_NOT_INITIALIZED;
        if (name == "C_Initialize" || name == "C_GetFunctionList" || name.starts_with("C_GetInterface"))
            expected = CKR_OK;
        Context context{library.functions(), 0, 1};
        INFO(name);
        CHECK(text_of(function.call(context)) == text_of(expected));
        (void)library->C_Finalize(nullptr); // of C_Initialize
    }
}

TEST_CASE("functions__without_digisignd") {
    rig("reset");
    rig("kill_daemon");
    const Host host;
    for (const Function& function : functions()) {
        Context context = make_context_without_card(host, 0);
        check(function, &Function::without_daemon, context);
    }
}

TEST_CASE("functions__without_a_card") {
    rig("reset");
    rig("remove");
    const Host host;
    const CK_SLOT_ID slot = host.slots(/*with_token=*/false).at(0);
    for (const Function& function : functions()) {
        Context context = make_context_without_card(host, slot);
        check(function, &Function::without_card, context);
    }
}

TEST_CASE("functions__with_a_card") {
    rig("reset");
    check_all_with_card(&Function::with_card);
}

TEST_CASE("functions__with_a_blocked_pin") {
    rig("reset");
    rig("lock_pin");
    check_all_with_card(&Function::with_blocked_pin);
}

TEST_CASE("functions__after_the_card_was_pulled") {
    rig("reset");
    const Host host;
    const CK_SLOT_ID slot = host.slot();
    const std::vector<Function> all = functions();
    std::vector<Context> contexts;
    for (const Function& function : all) {
        contexts.push_back(make_context(host, slot));
        function.prepare(contexts.back());
    }
    rig("remove");
    for (std::size_t i = 0; i < all.size(); ++i)
        check(all[i], &Function::after_removal, contexts[i]);
}
