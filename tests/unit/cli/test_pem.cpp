// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/pem.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace digisign;
using cli::to_pem;

namespace {

std::string body(std::string_view text) {
    const std::string pem = to_pem(as_bytes(text));
    const std::string begin = "-----BEGIN CERTIFICATE-----\n";
    const std::string end = "-----END CERTIFICATE-----\n";
    REQUIRE(pem.starts_with(begin));
    REQUIRE(pem.ends_with(end));
    return pem.substr(begin.size(), pem.size() - begin.size() - end.size());
}

} // namespace

TEST_CASE("pem__of_the_vectors_of_rfc4648__is_as_printed_there") {
    CHECK(body("f") == "Zg==\n");
    CHECK(body("fo") == "Zm8=\n");
    CHECK(body("foo") == "Zm9v\n");
    CHECK(body("foob") == "Zm9vYg==\n");
    CHECK(body("foobar") == "Zm9vYmFy\n");
    CHECK(body("\xFB\xFF\xBF") == "+/+/\n");
}

TEST_CASE("pem__of_longer_content__has_lines_of_64_characters") {
    const std::string text = body(std::string(49, 'x'));
    CHECK(text.find('\n') == 64);
    CHECK(text.size() == 65 + 5);
}
