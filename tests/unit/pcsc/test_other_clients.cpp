// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/other_clients.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace digisign::pcsc;

TEST_CASE("count_connections__table_of_the_kernel__counts_those_to_the_socket") {
    // One listens, two are connected; the last is a client's own end, which has no name.
    std::istringstream table(
        "Num       RefCount Protocol Flags    Type St Inode Path\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01 16404 /run/pcscd/pcscd.comm\n"
        "0000000000000000: 00000003 00000000 00000000 0001 03 16500 /run/pcscd/pcscd.comm\n"
        "0000000000000000: 00000003 00000000 00000000 0001 03 16501 /run/user/1000/bus\n"
        "0000000000000000: 00000003 00000000 00000000 0001 03 16502 /run/pcscd/pcscd.comm\n"
        "0000000000000000: 00000003 00000000 00000000 0001 03 16503\n");
    CHECK(count_connections(table, "/run/pcscd/pcscd.comm") == 2U);
}

TEST_CASE("count_connections__no_table__is_not_known") {
    std::istringstream table("");
    CHECK_FALSE(count_connections(table, "/run/pcscd/pcscd.comm"));
}

TEST_CASE("other_clients__nobody_connected_and_no_context_of_ours__says_no") {
    REQUIRE(::setenv("PCSCLITE_CSOCK_NAME", "/nonexistent/pcscd.comm", 1) == 0);
    CHECK_FALSE(OtherClients()());
    ::unsetenv("PCSCLITE_CSOCK_NAME");
}
