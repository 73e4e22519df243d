// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/prompt.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace digisign::client {

namespace {

using Problem = Prompt::Problem;

constexpr std::array problem_names{
    std::pair<std::string_view, Problem>("incorrect", Problem::Incorrect),
    std::pair<std::string_view, Problem>("length", Problem::Length),
    std::pair<std::string_view, Problem>("characters", Problem::Characters),
    std::pair<std::string_view, Problem>("known-wrong", Problem::KnownWrong),
    std::pair<std::string_view, Problem>("rejected", Problem::Rejected),
    std::pair<std::string_view, Problem>("pad-timed-out", Problem::PadTimedOut),
    std::pair<std::string_view, Problem>("pad-mismatch", Problem::PadMismatch),
};

constexpr std::array question_names{
    std::pair<std::string_view, Question>("last-try", Question::LastTry),
    std::pair<std::string_view, Question>("trivial-pin", Question::TrivialPin),
    std::pair<std::string_view, Question>("same-pin", Question::SamePin),
    std::pair<std::string_view, Question>("batch", Question::Batch),
};

template <class Enum, std::size_t size>
std::optional<Enum> find_name(const std::array<std::pair<std::string_view, Enum>, size>& names,
                              std::string_view name) {
    const auto found = std::ranges::find(names, name, &std::pair<std::string_view, Enum>::first);
    return found != names.end() ? std::optional(found->second) : std::nullopt;
}

std::optional<unsigned> number(const Dictionary& details, std::string_view name) {
    const auto entry = details.find(name);
    if (entry == details.end())
        return std::nullopt;
    const auto* value = std::get_if<std::uint32_t>(&entry->second);
    return value != nullptr ? std::optional<unsigned>(*value) : std::nullopt;
}

} // namespace

std::optional<Question> question_from_name(std::string_view name) {
    return find_name(question_names, name);
}

Prompt make_prompt(std::string id, const Dictionary& details) {
    const auto text = [&details](std::string_view name) { return value_or<std::string>(details, name, ""); };
    return {.id = std::move(id),
            .job = text("job"),
            .purpose = text("purpose"),
            .pin = text("pin"),
            .role = text("role"),
            .target = text("target"),
            .token = text("token"),
            .reader = text("reader"),
            .min_length = number(details, "min-length").value_or(0),
            .max_length = number(details, "max-length").value_or(0),
            .only_digits = value_or(details, "only-digits", false),
            .tries_left = number(details, "tries-left"),
            .key = text("key"),
            .certificate = text("certificate"),
            .documents = value_or<std::vector<std::string>>(details, "documents", {}),
            .signatures = number(details, "signatures").value_or(0),
            .problem = find_name(problem_names, text("problem")).value_or(Problem::None),
            .requester = {.pid = number(details, "requester-pid"),
                          .executable = text("requester-executable"),
                          .unit = text("requester-unit"),
                          .sandbox = text("requester-sandbox"),
                          .terminal = text("requester-terminal"),
                          .verified = value_or(details, "requester-verified", false),
                          .claims = text("requester-claims")}};
}

} // namespace digisign::client
