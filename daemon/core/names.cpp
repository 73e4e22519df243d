// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/names.hpp"

namespace digisign::core {

std::string_view name_of(PcscState state) {
    switch (state) {
    case PcscState::Starting:
        return "starting";
    case PcscState::Available:
        return "available";
    case PcscState::Unavailable:
        return "unavailable";
    case PcscState::AccessDenied:
        return "access-denied";
    }
    return {};
}

std::string_view name_of(ReaderState state) {
    switch (state) {
    case ReaderState::Empty:
        return "empty";
    case ReaderState::Reading:
        return "reading";
    case ReaderState::Present:
        return "present";
    case ReaderState::Busy:
        return "busy";
    case ReaderState::Mute:
        return "mute";
    case ReaderState::Unrecognized:
        return "unrecognized";
    case ReaderState::Error:
        return "error";
    }
    return {};
}

std::string_view name_of(card::PinRole role) {
    switch (role) {
    case card::PinRole::Authentication:
        return "authentication";
    case card::PinRole::Signature:
        return "signature";
    case card::PinRole::Organisation:
        return "organisation";
    case card::PinRole::Puk:
        return "puk";
    }
    return {};
}

std::string_view name_of(card::KeyAlgorithm algorithm) {
    switch (algorithm) {
    case card::KeyAlgorithm::Rsa:
        return "RSA";
    case card::KeyAlgorithm::Ec:
        return "EC";
    }
    return {};
}

std::string_view name_of(Job::State state) {
    switch (state) {
    case Job::State::Queued:
        return "queued";
    case Job::State::Running:
        return "running";
    case Job::State::Finished:
        return "finished";
    }
    return {};
}

std::string_view name_of(WaitingFor what) {
    switch (what) {
    case WaitingFor::None:
    case WaitingFor::Turn: // said by the state
        return "none";
    case WaitingFor::Pin:
        return "pin";
    case WaitingFor::PinPad:
        return "pinpad";
    case WaitingFor::Consent:
        return "consent";
    case WaitingFor::Card:
        return "card";
    }
    return {};
}

std::string_view name_of(JobOutcome::Kind kind) {
    switch (kind) {
    case JobOutcome::Kind::Done:
        return "done";
    case JobOutcome::Kind::Failed:
        return "failed";
    case JobOutcome::Kind::Cancelled:
        return "cancelled";
    }
    return {};
}

std::string_view name_of(Question question) {
    switch (question) {
    case Question::LastTry:
        return "last-try";
    case Question::TrivialPin:
        return "trivial-pin";
    case Question::SamePin:
        return "same-pin";
    case Question::Batch:
        return "batch";
    }
    return {};
}

std::string_view name_of(Prompt::Problem problem) {
    switch (problem) {
    case Prompt::Problem::None:
        return {};
    case Prompt::Problem::Incorrect:
        return "incorrect";
    case Prompt::Problem::Length:
        return "length";
    case Prompt::Problem::Characters:
        return "characters";
    case Prompt::Problem::KnownWrong:
        return "known-wrong";
    case Prompt::Problem::Rejected:
        return "rejected";
    case Prompt::Problem::PadTimedOut:
        return "pad-timed-out";
    case Prompt::Problem::PadMismatch:
        return "pad-mismatch";
    }
    return {};
}

std::string_view state_name(const Token& token) {
    return token.needs_activation() ? "needs-activation" : "ready";
}

std::string_view state_name(const Pin& pin) {
    if (!pin.status)
        return "unknown";
    if (pin.status->blocked)
        return "blocked";
    return pin.status->factory_value.value_or(false) ? "factory" : "usable";
}

std::vector<std::string_view> usage_names(const card::KeyUsage& usage) {
    std::vector<std::string_view> names;
    if (usage.sign)
        names.emplace_back("sign");
    if (usage.non_repudiation)
        names.emplace_back("non-repudiation");
    if (usage.decrypt)
        names.emplace_back("decrypt");
    if (usage.unwrap)
        names.emplace_back("unwrap");
    if (usage.derive)
        names.emplace_back("derive");
    return names;
}

} // namespace digisign::core
