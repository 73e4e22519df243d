// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/bytes.hpp"
#include "common/error.hpp"
#include "common/pin_value.hpp"
#include "common/secure_buffer.hpp"

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <concepts>
#include <cstring>
#include <fstream>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

using namespace digisign;

namespace {

template <typename T>
concept Printable = requires(std::ostream& stream, const T& value) {
    stream << value;
};

/// The VmFlags of the mapping that holds an address, proc(5).
std::string vm_flags_of(const void* address) {
    std::ifstream maps("/proc/self/smaps");
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    bool inside = false;
    for (std::string line; std::getline(maps, line);) {
        std::uintptr_t from = 0;
        std::uintptr_t to = 0;
        if (std::sscanf(line.c_str(), "%lx-%lx ", &from, &to) == 2)
            inside = wanted >= from && wanted < to;
        else if (inside && line.starts_with("VmFlags:"))
            return line + " ";
    }
    return {};
}

} // namespace

// Printing, copying and comparing a secret must not compile.
static_assert(!std::is_copy_constructible_v<SecureBuffer> && !std::is_copy_assignable_v<SecureBuffer>);
static_assert(!std::is_copy_constructible_v<PinValue> && !std::is_copy_assignable_v<PinValue>);
static_assert(!std::equality_comparable<SecureBuffer> && !std::equality_comparable<PinValue>);
static_assert(!Printable<SecureBuffer> && !Printable<PinValue>);
static_assert(std::is_nothrow_move_constructible_v<PinValue>);

TEST_CASE("secure_buffer__beyond_its_capacity__throws_and_keeps_what_it_had") {
    SecureBuffer buffer(4);
    buffer.append(Bytes{1, 2, 3});
    CHECK_THROWS_AS(buffer.append(Bytes{4, 5}), Error);
    CHECK(buffer.size() == 3);
    CHECK_THROWS_AS(buffer.set_size(5), Error);
}

TEST_CASE("secure_buffer__wiped_and_shortened__leaves_no_byte_behind") {
    SecureBuffer buffer(8);
    buffer.append(Bytes{1, 2, 3});
    buffer.pop_back();
    CHECK(buffer.data()[2] == 0);
    buffer.wipe();
    CHECK(buffer.empty());
    CHECK((buffer.data()[0] == 0 && buffer.data()[1] == 0));
}

TEST_CASE("secure_buffer__memory__is_locked_and_left_out_of_dumps_and_forks") {
    SecureBuffer buffer(16);
    buffer.append(Bytes{1});
    const std::string flags = vm_flags_of(buffer.data());
    REQUIRE_FALSE(flags.empty());
    CHECK(flags.find(" lo ") != std::string::npos); // locked
    CHECK(flags.find(" dd ") != std::string::npos); // do not dump
    CHECK(flags.find(" wf ") != std::string::npos); // wipe on fork
}

TEST_CASE("secure_buffer__forked_child__reads_zeros") {
    SecureBuffer buffer(16);
    buffer.append(Bytes{0x42});
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0)
        ::_exit(buffer.data()[0] == 0 ? 0 : 1);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

TEST_CASE("secure_buffer__moved_from__owns_nothing") {
    SecureBuffer first(4);
    first.append(Bytes{7});
    SecureBuffer second(std::move(first));
    CHECK(second.size() == 1);
    CHECK(first.size() == 0); // NOLINT(bugprone-use-after-move): that is what is being tested
    first.wipe();
}

TEST_CASE("pin_value__only_digits__tells_letters_and_utf8_apart") {
    PinValue pin;
    CHECK(pin.empty());
    for (const char c : std::string("1234"))
        pin.push_back(c);
    CHECK(pin.only_digits());
    pin.push_back('a');
    CHECK_FALSE(pin.only_digits());
    pin.pop_back();
    CHECK(pin.only_digits());
    CHECK(pin.length() == 4);
}
