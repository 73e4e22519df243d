// SPDX-License-Identifier: LGPL-2.1-or-later
// Jobs that decipher and derive. What they share with signatures is tested there.

#include "daemon/crypto/key_derivation.hpp"
#include "tests/unit/core/fakes.hpp"

#include <catch2/catch.hpp>

using namespace digisign;
using namespace digisign::core;
using namespace digisign::core::test;

namespace {

constexpr DecipherMechanism oaep{DecipherScheme::RsaOaep, Digest::Sha256};

/// The base point of P-256.
Bytes point() {
    return *from_hex("046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
                     "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5");
}

/// As the fake card computes it.
Bytes shared_secret() {
    const Bytes input = point();
    return {input.rbegin(), input.rend()};
}

Bytes bytes_of(const SecureBuffer& secret) {
    return to_bytes(secret.view());
}

DeriveWork derivation(Digest kdf = Digest::None, std::size_t length = 0) {
    return {agreement_key, point(), kdf, Bytes{0x01, 0x02}, length};
}

} // namespace

TEST_CASE("decrypt__right_pin__returns_the_plain_text_after_one_verify") {
    Bench bench;
    bench.start_work(DecryptWork{authentication_key, oaep, {1, 2, 3}});
    bench.settle();
    const Prompt& prompt = bench.agent->current().prompt;
    CHECK(prompt.purpose == "decrypt");
    CHECK(prompt.key_label == "authentication key");
    CHECK(prompt.signatures == 0);
    bench.agent->type("1234");
    bench.settle();
    REQUIRE(bench.done());
    CHECK(bytes_of(*bench.outcome().result.secret) == Bytes{3, 2, 1});
    CHECK(bench.reader.verify_count == 1);
    CHECK(bench.reader.verified.empty());
}

TEST_CASE("decrypt__with_a_login__asks_nothing") {
    Bench bench;
    bench.log_in(client_a);
    bench.start_work(DecryptWork{authentication_key, oaep, {1, 2, 3}});
    bench.settle();
    REQUIRE(bench.done());
    CHECK(bytes_of(*bench.outcome().result.secret) == Bytes{3, 2, 1});
    CHECK(bench.agent->shown.empty());
}

TEST_CASE("decrypt__login_of_another_client__does_not_count") {
    Bench bench;
    bench.log_in(client_a);
    bench.start_work(DecryptWork{authentication_key, oaep, {1, 2, 3}}, client_b);
    bench.settle();
    CHECK(bench.outcomes.size() == 1);
    CHECK(bench.agent->current().kind == FakeAgent::Kind::Pin);
}

TEST_CASE("decrypt__wrong_pin__asks_again_and_then_decrypts") {
    Bench bench;
    bench.start_work(DecryptWork{authentication_key, oaep, {1, 2, 3}});
    bench.settle();
    bench.agent->type("9999");
    bench.settle();
    CHECK(bench.agent->current().prompt.problem == Prompt::Problem::Incorrect);
    bench.agent->type("1234");
    bench.settle();
    REQUIRE(bench.done());
    CHECK(bytes_of(*bench.outcome().result.secret) == Bytes{3, 2, 1});
}

TEST_CASE("decrypt__cryptogram_that_is_no_good__keeps_the_login") {
    Bench bench;
    bench.log_in(client_a);
    bench.reader.fault = Error(ErrorCode::CryptogramInvalid, "the card cannot decipher this data");
    bench.start_work(DecryptWork{authentication_key, oaep, {1, 2, 3}});
    bench.settle();
    CHECK(bench.failure() == ErrorCode::CryptogramInvalid);
    CHECK(bench.logins.has(client_a, session, pin_1));
}

TEST_CASE("decrypt__unknown_key__is_not_found") {
    Bench bench;
    bench.start_work(DecryptWork{{0x99}, oaep, {1}});
    CHECK(bench.failure() == ErrorCode::KeyNotFound);
}

TEST_CASE("derive__without_kdf__returns_the_beginning_of_the_shared_secret") {
    Bench bench;
    bench.log_in(client_a);
    bench.start_work(derivation());
    bench.settle();
    REQUIRE(bench.done());
    CHECK(bytes_of(*bench.outcome().result.secret) == shared_secret());
    bench.start_work(derivation(Digest::None, 16));
    bench.settle();
    CHECK(bytes_of(*bench.outcome().result.secret) == to_bytes(ByteView(shared_secret()).first(16)));
}

TEST_CASE("derive__with_kdf__is_what_becomes_of_the_shared_secret") {
    Bench bench;
    bench.log_in(client_a);
    bench.start_work(derivation(Digest::Sha256, 100));
    bench.settle();
    REQUIRE(bench.done());
    CHECK(bytes_of(*bench.outcome().result.secret) ==
          bytes_of(crypto::derive_x963(Digest::Sha256, shared_secret(), Bytes{0x01, 0x02}, 100)));
}

TEST_CASE("derive__impossible_request__is_refused_before_anybody_is_asked") {
    Bench bench;
    DeriveWork work = derivation();
    SECTION("a point of no curve") {
        work.peer_point.back() ^= 1;
    }
    SECTION("longer than the shared secret") {
        work.length = 33;
    }
    SECTION("a key derivation without a length") {
        work.kdf = Digest::Sha1;
    }
    bench.start_work(work);
    CHECK(bench.failure() == ErrorCode::InvalidArgument);
    CHECK(bench.reader.waiting.empty());
}

TEST_CASE("derive__key_that_cannot__is_refused") {
    Bench bench;
    DeriveWork work = derivation();
    work.key_id = authentication_key;
    bench.start_work(work);
    CHECK(bench.failure() == ErrorCode::MechanismUnsupported);
}

TEST_CASE("derive__person_declines__is_cancelled") {
    Bench bench;
    bench.start_work(derivation());
    bench.settle();
    CHECK(bench.agent->current().prompt.purpose == "derive");
    bench.agent->answer(Error(ErrorCode::Cancelled, "no"));
    CHECK(bench.outcome().kind == JobOutcome::Kind::Cancelled);
    CHECK(bench.reader.sign_count == 0);
}
