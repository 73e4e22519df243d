// SPDX-License-Identifier: LGPL-2.1-or-later
// What becomes of a call when the card, digisignd or pcscd goes while it is under way, and of the calls after
// it: an answer in bounded time, and no need to load the module anew.

#include "tests/pkcs11/functions.hpp"
#include "tests/pkcs11/rig.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <future>

using namespace digisign;
using namespace digisign::test;
using namespace std::chrono_literals;

namespace {

const Bytes digest(32, 0x5A);

/// Those that the card has a part in.
std::vector<Function> functions_of_the_card() {
    std::vector<Function> all = functions();
    std::erase_if(all, [](const Function& function) {
        const std::string name = function.name;
        static const std::vector<std::string> with_card{
            "C_InitPIN", "C_SetPIN",    "C_Login",       "C_LoginUser", "C_Decrypt",  "C_DecryptFinal",
            "C_Sign",    "C_SignFinal", "C_SignRecover", "C_UnwrapKey", "C_DeriveKey"};
        return std::ranges::find(with_card, name) == with_card.end();
    });
    return all;
}

/// Waits for what another thread does, and fails the test case if it does not end. Catch2 has its assertions
/// on one thread only.
template <class Value>
Value value_of(std::future<Value>& future, std::chrono::seconds limit) {
    if (future.wait_for(limit) != std::future_status::ready) {
        std::fputs("a call does not end\n", stderr);
        std::abort(); // the future would wait for it in vain
    }
    return future.get();
}

CK_RV sign_with(const Host& host, const Context& context) {
    Bytes signature;
    return host.sign(context.session, context.ec_private, digest, signature);
}

/// That it all works again, with the same module.
void check_signs(const Host& host) {
    const Context context = make_context(host, host.slot());
    CHECK(text_of(sign_with(host, context)) == text_of(CKR_OK));
}

/// Has a signature begun, and `happens` happen when the card is at it.
CK_RV sign_while(const Host& host, const Context& context, const char* happens) {
    rig("latency 300000");
    rig("begin_count");
    auto signing = std::async(std::launch::async, [&] { return sign_with(host, context); });
    rig("wait_for_apdu");
    rig(happens);
    return value_of(signing, 20s);
}

} // namespace

TEST_CASE("card_pulled_in_a_call__device_removed") {
    for (const Function& function : functions_of_the_card()) {
        rig("reset");
        const Host host;
        Context context = make_context(host, host.slot());
        function.prepare(context);
        rig("fault removed 1");
        INFO(function.name);
        std::chrono::milliseconds time{};
        CHECK(text_of([&] {
                  CK_RV result = CKR_OK;
                  time = time_of([&] { result = function.call(context); });
                  return result;
              }()) == text_of(CKR_DEVICE_REMOVED));
        CHECK(time < 5s);
        rig("remove"); // what it was for pcscd already
        CK_SESSION_INFO info{};
        CHECK(text_of(host->C_GetSessionInfo(context.session, &info)) == text_of(CKR_SESSION_HANDLE_INVALID));
        rig("insert");
        check_signs(host);
    }
}

TEST_CASE("daemon_killed_in_a_call__device_removed") {
    for (const Function& function : functions_of_the_card()) {
        rig("reset");
        const Host host;
        Context context = make_context(host, host.slot());
        function.prepare(context);
        rig("latency 300000");
        rig("begin_count");
        auto calling = std::async(std::launch::async, [&] { return function.call(context); });
        rig("wait_for_apdu");
        rig("kill_daemon");
        INFO(function.name);
        CHECK(text_of(value_of(calling, 5s)) == text_of(CKR_DEVICE_REMOVED));
        CHECK(host.slots(/*with_token=*/false).empty());
    }
}

TEST_CASE("daemon_killed_between_calls__the_same_host_goes_on_with_the_next_one") {
    rig("reset");
    const Host host;
    const Context context = make_context(host, host.slot());
    for (int i = 0; i < 3; ++i) {
        rig("kill_daemon");
        CHECK(host.slots(/*with_token=*/false).empty());
        CK_SESSION_INFO info{};
        CHECK(text_of(host->C_GetSessionInfo(context.session, &info)) == text_of(CKR_SESSION_HANDLE_INVALID));
        rig("start_daemon");
        check_signs(host);
    }
}

TEST_CASE("daemon_comes_after_the_host__its_slots_are_there") {
    rig("reset");
    rig("kill_daemon");
    const Host host;
    CHECK(host.slots(/*with_token=*/false).empty());
    rig("start_daemon");
    check_signs(host);
}

TEST_CASE("daemon_hangs__calls_end_and_it_is_found_again") {
    rig("reset");
    rig("freeze_daemon");
    const Host host;
    CHECK(time_of([&] { CHECK(host.slots(/*with_token=*/true).empty()); }) <
          7s); // its five, and a slow machine
    CHECK(time_of([&] {
              for (int i = 0; i < 100; ++i)
                  CHECK(host.slots(/*with_token=*/true).empty());
          }) < 1s);
    rig("thaw_daemon");
    CK_SLOT_ID slot = 0;
    auto event = std::async(std::launch::async, [&] { return host->C_WaitForSlotEvent(0, &slot, nullptr); });
    CHECK(text_of(value_of(event, 20s)) == text_of(CKR_OK));
    check_signs(host);
}

TEST_CASE("daemon_hangs_in_a_call__finalize_ends_it") {
    rig("reset");
    const Host host;
    const Context context = make_context(host, host.slot());
    rig("freeze_daemon");
    auto signing = std::async(std::launch::async, [&] { return sign_with(host, context); });
    CHECK(signing.wait_for(500ms) == std::future_status::timeout);
    CHECK(time_of([&] { CHECK(text_of(host->C_Finalize(nullptr)) == text_of(CKR_OK)); }) < 2s);
    const CK_RV result = value_of(signing, 2s);
    INFO(text_of(result));
    // The second if it was still looking what cards there are.
    CHECK((result == CKR_FUNCTION_CANCELED || result == CKR_CRYPTOKI_NOT_INITIALIZED));
}

TEST_CASE("pcscd_restarted_in_a_call__ends_and_works_again") {
    rig("reset");
    const Host host;
    const Context context = make_context(host, host.slot());
    const CK_RV result = sign_while(host, context, "restart_pcscd");
    INFO(text_of(result));
    CHECK((result == CKR_DEVICE_REMOVED || result == CKR_TOKEN_NOT_PRESENT || result == CKR_DEVICE_ERROR));
    rig("latency 0");
    check_signs(host);
}

TEST_CASE("pcscd_restarted_between_calls__works_again") {
    rig("reset");
    const Host host;
    check_signs(host);
    rig("restart_pcscd");
    check_signs(host);
}

TEST_CASE("card_pulled_and_inserted_many_times__works_each_time") {
    rig("reset");
    const Host host;
    for (int i = 0; i < 10; ++i) {
        check_signs(host);
        rig("remove");
        CHECK(host.slots(/*with_token=*/true).empty());
        rig("insert");
    }
    check_signs(host);
}

TEST_CASE("card_that_is_slow_to_read__delays_no_slot_list") {
    rig("reset");
    const Host host;
    CHECK_FALSE(host.slots(/*with_token=*/true).empty());
    rig("remove");
    rig("latency 200000");
    rig("begin_count");
    rig("begin_insert");
    rig("wait_for_apdu");
    CHECK(time_of([&] { CHECK(host.slots(/*with_token=*/true).empty()); }) < 100ms);
    CHECK(time_of([&] { CHECK_FALSE(host.slots(/*with_token=*/false).empty()); }) < 100ms);
    const auto fresh_process_like = [&] {
        must(host->C_Finalize(nullptr), "C_Finalize");
        must(host->C_Initialize(nullptr), "C_Initialize");
        CHECK(host.slots(/*with_token=*/true).empty());
    };
    CHECK(time_of(fresh_process_like) < 100ms);
}

TEST_CASE("wait_for_slot_event__card_comes_and_goes__is_told") {
    rig("reset");
    const Host host;
    const CK_SLOT_ID first = host.slot();
    const auto drain = [&] {
        std::vector<CK_SLOT_ID> slots;
        CK_SLOT_ID slot = 0;
        while (host->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, nullptr) == CKR_OK)
            slots.push_back(slot);
        return slots;
    };
    CHECK(drain().empty());
    for (const char* happens : {"remove", "insert"}) {
        CK_SLOT_ID slot = ~CK_SLOT_ID{};
        auto waiting =
            std::async(std::launch::async, [&] { return host->C_WaitForSlotEvent(0, &slot, nullptr); });
        CHECK(waiting.wait_for(200ms) == std::future_status::timeout);
        rig(happens);
        CHECK(text_of(value_of(waiting, 5s)) == text_of(CKR_OK));
        std::vector<CK_SLOT_ID> all = drain();
        all.push_back(slot);
        CHECK(all.size() == 2); // one for each PIN
        CHECK(std::ranges::find(all, first) != all.end());
    }
}

TEST_CASE("signature_takes_three_seconds__other_calls_answer_in_five_milliseconds") {
    rig("reset");
    const Host host;
    const CK_SLOT_ID slot = host.slot();
    const Context signing_context = make_context(host, slot);
    const CK_SESSION_HANDLE session = host.open_session(slot);
    CHECK(text_of(sign_with(host, signing_context)) == text_of(CKR_OK));
    rig("fault delay:3000 1");
    auto signing = std::async(std::launch::async, [&] { return sign_with(host, signing_context); });

    using Microseconds = std::chrono::duration<double, std::micro>;
    std::vector<double> times;
    const auto measure = [&times](const auto& call) {
        const auto begin = std::chrono::steady_clock::now();
        call();
        times.push_back(Microseconds(std::chrono::steady_clock::now() - begin).count());
    };
    Bytes random(16);
    while (signing.wait_for(0s) == std::future_status::timeout) {
        measure([&] { (void)host.slots(/*with_token=*/true); });
        measure([&] {
            CK_TOKEN_INFO info{};
            (void)host->C_GetTokenInfo(slot, &info);
        });
        measure([&] { (void)host.find(session, CKO_PRIVATE_KEY); });
        measure([&] { (void)host.attribute(session, signing_context.certificate, CKA_VALUE); });
        measure([&] { must(host->C_CloseSession(host.open_session(slot)), "C_CloseSession"); });
        measure([&] { (void)host->C_GenerateRandom(session, random.data(), random.size()); });
    }
    CHECK(text_of(value_of(signing, 5s)) == text_of(CKR_OK));
    std::ranges::sort(times);
    REQUIRE(times.size() > 100);
    // Not the very longest: this machine may have something else to do.
    const double nearly_longest = times[times.size() * 99 / 100];
    INFO("median " << times[times.size() / 2] << " µs, 99 of 100 within " << nearly_longest << " µs, longest "
                   << times.back() << " µs");
    CHECK(nearly_longest < 5000);
}
