// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/daemon_state.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace digisign::client {

namespace {

struct Trouble {
    ReaderState state;
    ErrorCode code;
    const char* sentence; ///< where the daemon gives none
};

/// What is worth telling first when several readers are connected: an unrecognized card may be a security key
/// that sits there for another purpose, an empty reader may be of no interest.
constexpr std::array troubles{
    Trouble{ReaderState::Reading, ErrorCode::CardBusy, "the card is still being read"},
    Trouble{ReaderState::Busy, ErrorCode::CardBusy, "another program uses the card"},
    Trouble{ReaderState::Mute, ErrorCode::CardMute, "the card does not answer"},
    Trouble{ReaderState::Error, ErrorCode::CardDataInvalid, "the card cannot be read"},
    Trouble{ReaderState::Unrecognized, ErrorCode::CardUnrecognized,
            "the card is of no kind known to DigiSign"},
    Trouble{ReaderState::Empty, ErrorCode::NoCard, "there is no card in the reader"},
};

/// A card of which nothing at all could be read is recognized, but of no use.
bool is_readable(const DaemonState& state, const Token& token) {
    const auto belongs = [&token](const auto& object) { return object.token == token.path; };
    return token.warnings.empty() || std::ranges::any_of(state.keys, belongs) ||
           std::ranges::any_of(state.certificates, belongs);
}

/// The trouble of one reader, and in passing what the other ones have.
std::string sentence(const DaemonState& state, const Reader& troubled) {
    std::string text = problem(troubled) + " (" + troubled.name + ")";
    for (const Reader& other : state.readers)
        if (other.path != troubled.path)
            text += "; " + problem(other) + " (" + other.name + ")";
    return text;
}

} // namespace

std::string problem(const Reader& reader) {
    if (!reader.problem.empty())
        return reader.problem;
    const auto trouble = std::ranges::find(troubles, reader.state, &Trouble::state);
    return trouble != troubles.end() ? trouble->sentence : "";
}

void require_ready_token(const DaemonState& state) {
    switch (state.pcsc) {
    case PcscState::Available:
        break;
    case PcscState::Starting:
        throw Error(ErrorCode::PcscUnavailable, "the smart card service (pcscd) does not answer");
    case PcscState::Unavailable:
        throw Error(ErrorCode::PcscUnavailable, "the smart card service (pcscd) is not running");
    case PcscState::AccessDenied:
        throw Error(ErrorCode::PcscAccessDenied,
                    "the smart card service (pcscd) does not let this session in");
    }
    const auto is_usable = [&state](const Token& token) {
        return token.state == TokenState::Ready && is_readable(state, token);
    };
    if (std::ranges::any_of(state.tokens, is_usable))
        return;
    for (const Token& token : state.tokens)
        if (token.state == TokenState::NeedsActivation)
            throw Error(ErrorCode::NeedsActivation, "the card " + token.label + " is not activated yet");
    if (!state.tokens.empty())
        throw Error(ErrorCode::CardDataInvalid,
                    "nothing on the card can be read: " + state.tokens.front().warnings.front());
    if (state.readers.empty())
        throw Error(ErrorCode::NoReader, "no smart card reader is connected");
    for (const Trouble& trouble : troubles) {
        const auto reader = std::ranges::find(state.readers, trouble.state, &Reader::state);
        if (reader != state.readers.end())
            throw Error(trouble.code, sentence(state, *reader));
    }
    throw Error(ErrorCode::NoCard, "there is no card in any reader");
}

} // namespace digisign::client
