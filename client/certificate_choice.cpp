// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/certificate_choice.hpp"

#include "client/distinguished_name.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace digisign::client {

namespace {

using Certificates = std::vector<const Certificate*>;

/// Shorter starts of a fingerprint would be mistaken for other things too easily.
constexpr std::size_t min_fingerprint_digits = 6;

bool has_usage(const Certificate& certificate, std::string_view usage) {
    return std::ranges::find(certificate.usage, usage) != certificate.usage.end();
}

bool is_valid(const Certificate& certificate, std::chrono::sys_seconds now) {
    const std::int64_t seconds = now.time_since_epoch().count();
    return certificate.not_before <= seconds && seconds <= certificate.not_after;
}

std::string upper_case(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'a' && c <= 'z')
            c = static_cast<char>(c - 'a' + 'A');
    return result;
}

template <class Predicate>
Certificates matching(const std::vector<Certificate>& certificates, Predicate matches) {
    Certificates found;
    for (const Certificate& certificate : certificates)
        if (matches(certificate))
            found.push_back(&certificate);
    return found;
}

std::string describe_all(const DaemonState& state, const Certificates& certificates) {
    std::string text;
    for (const Certificate* certificate : certificates)
        text += "\n  " + describe(state, *certificate);
    return text;
}

/// Holder's certificates with a key that can sign.
Certificates signing_candidates(const DaemonState& state) {
    return matching(state.certificates, [&state](const Certificate& certificate) {
        const Key* key = state.find_key(certificate.key);
        return !certificate.authority && key != nullptr && !key->mechanisms.empty();
    });
}

/// A card with an RSA and an EC key for the same holder, as FINEID v3 and MyEID have them.
bool same_person(const Certificates& candidates) {
    return std::ranges::all_of(candidates, [first = candidates.front()](const Certificate* certificate) {
        return certificate->token == first->token && certificate->subject == first->subject;
    });
}

} // namespace

std::vector<const Certificate*> find_certificates(const DaemonState& state, std::string_view selector) {
    const std::string digits = upper_case(selector);
    Certificates found = matching(
        state.certificates, [&](const Certificate& certificate) { return certificate.path == selector; });
    if (found.empty())
        found = matching(state.certificates, [&](const Certificate& certificate) {
            return !certificate.id.empty() && to_hex(certificate.id) == digits;
        });
    if (found.empty() && digits.size() >= min_fingerprint_digits)
        found = matching(state.certificates, [&](const Certificate& certificate) {
            return certificate.fingerprint.starts_with(digits);
        });
    if (found.empty())
        found = matching(state.certificates, [&](const Certificate& certificate) {
            return certificate.label == selector || common_name(certificate.subject) == selector;
        });
    return found;
}

const Certificate& select_certificate(const DaemonState& state, std::string_view selector) {
    const Certificates found = find_certificates(state, selector);
    if (found.empty()) {
        if (state.tokens.empty())
            require_ready_token(state);
        throw Error(ErrorCode::CertificateNotFound, fmt::format("no certificate is called \"{}\"", selector));
    }
    if (found.size() > 1)
        throw Error(ErrorCode::CertificateAmbiguous, fmt::format("several certificates are called \"{}\":{}",
                                                                 selector, describe_all(state, found)));
    return *found.front();
}

const Certificate& default_signing_certificate(const DaemonState& state, std::chrono::sys_seconds now) {
    require_ready_token(state);
    Certificates candidates = signing_candidates(state);
    if (candidates.empty())
        throw Error(ErrorCode::CertificateNotFound, "the card has no certificate with a key that can sign");
    const auto for_signatures = [](const Certificate* certificate) {
        return has_usage(*certificate, "nonRepudiation");
    };
    if (std::ranges::any_of(candidates, for_signatures))
        std::erase_if(candidates,
                      [&](const Certificate* certificate) { return !for_signatures(certificate); });

    const Certificate* first = candidates.front();
    std::erase_if(candidates, [now](const Certificate* certificate) { return !is_valid(*certificate, now); });
    if (candidates.empty())
        require_valid(*first, now);
    if (candidates.size() > 1 && !same_person(candidates))
        throw Error(ErrorCode::CertificateAmbiguous,
                    "several certificates can sign:" + describe_all(state, candidates));
    return **std::ranges::min_element(candidates, {}, &Certificate::id);
}

void require_valid(const Certificate& certificate, std::chrono::sys_seconds now) {
    if (is_valid(certificate, now))
        return;
    const bool expired = certificate.not_after < now.time_since_epoch().count();
    throw Error(ErrorCode::CertificateExpired,
                fmt::format("the certificate of {} {} {}", common_name(certificate.subject),
                            expired ? "expired on" : "is not valid before",
                            date(expired ? certificate.not_after : certificate.not_before)));
}

std::string describe(const DaemonState& state, const Certificate& certificate) {
    const Token* token = state.find_token(certificate.token);
    const Reader* reader = token != nullptr ? state.find_reader(token->reader) : nullptr;
    return fmt::format("{}  {}, {}, until {}, card {} in {}", certificate.fingerprint.substr(0, 16),
                       common_name(certificate.subject), purpose(certificate), date(certificate.not_after),
                       token != nullptr ? token->label : "?", reader != nullptr ? reader->name : "?");
}

std::string_view purpose(const Certificate& certificate) {
    if (certificate.authority)
        return "authority";
    if (has_usage(certificate, "nonRepudiation"))
        return "signature";
    if (has_usage(certificate, "digitalSignature"))
        return "authentication";
    if (has_usage(certificate, "keyEncipherment") || has_usage(certificate, "dataEncipherment") ||
        has_usage(certificate, "keyAgreement"))
        return "encryption";
    return "unknown purpose";
}

std::string date(std::int64_t seconds_since_1970) {
    const std::chrono::sys_seconds time{std::chrono::seconds(seconds_since_1970)};
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
    return fmt::format("{:04}-{:02}-{:02}", int{day.year()}, unsigned{day.month()}, unsigned{day.day()});
}

} // namespace digisign::client
