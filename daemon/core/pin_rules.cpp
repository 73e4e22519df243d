// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/pin_rules.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace digisign::core {

namespace {

using Digits = std::span<const std::uint8_t>;

bool repeats_block(Digits digits, std::size_t block) {
    if (digits.size() % block != 0 || digits.size() < 2 * block)
        return false;
    for (std::size_t i = block; i < digits.size(); ++i)
        if (digits[i] != digits[i - block])
            return false;
    return true;
}

bool is_run(Digits digits, int step) {
    for (std::size_t i = 1; i < digits.size(); ++i)
        if ((digits[i - 1] - '0' + step + 10) % 10 != digits[i] - '0')
            return false;
    return true;
}

int number(Digits digits) {
    int value = 0;
    for (const std::uint8_t digit : digits)
        value = 10 * value + (digit - '0');
    return value;
}

bool is_year(Digits digits) {
    return number(digits) >= 1900 && number(digits) <= 2099;
}

bool is_day_and_month(Digits day, Digits month) {
    return number(day) >= 1 && number(day) <= 31 && number(month) >= 1 && number(month) <= 12;
}

bool is_date(Digits digits) {
    const auto at = [digits](std::size_t offset, std::size_t length) {
        return digits.subspan(offset, length);
    };
    if (digits.size() == 6) // day and month come first, or the year
        return is_day_and_month(at(0, 2), at(2, 2)) || is_day_and_month(at(4, 2), at(2, 2));
    if (digits.size() == 8)
        return (is_day_and_month(at(0, 2), at(2, 2)) && is_year(at(4, 4))) ||
               (is_year(at(0, 4)) && is_day_and_month(at(6, 2), at(4, 2)));
    return false;
}

} // namespace

bool is_trivial(const PinValue& pin) {
    const Digits digits = pin.secret();
    if (!pin.only_digits() || digits.size() < 2)
        return false;
    constexpr std::array<std::size_t, 4> blocks{1, 2, 3, 4};
    return std::ranges::any_of(blocks,
                               [digits](std::size_t block) { return repeats_block(digits, block); }) ||
           is_run(digits, 1) || is_run(digits, -1) || (digits.size() == 4 && is_year(digits)) ||
           is_date(digits);
}

bool is_same(const PinValue& one, const PinValue& other) {
    return std::ranges::equal(one.secret(), other.secret());
}

} // namespace digisign::core
