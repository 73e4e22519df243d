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
    const char* fallback; ///< where the daemon gives no sentence
};

/// What is worth telling first when several readers are connected. An unrecognized card comes last: it is
/// often a security key that sits there for another purpose.
constexpr std::array troubles{
    Trouble{ReaderState::Reading, ErrorCode::CardBusy, "the card is still being read"},
    Trouble{ReaderState::Busy, ErrorCode::CardBusy, "another program uses the card"},
    Trouble{ReaderState::Mute, ErrorCode::CardMute, "the card does not answer"},
    Trouble{ReaderState::Error, ErrorCode::CardDataInvalid, "the card cannot be read"},
    Trouble{ReaderState::Empty, ErrorCode::NoCard, "there is no card in the reader"},
    Trouble{ReaderState::Unrecognized, ErrorCode::CardUnrecognized,
            "the card is of no kind known to DigiSign"},
};

} // namespace

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
    if (std::ranges::any_of(state.tokens,
                            [](const Token& token) { return token.state == TokenState::Ready; }))
        return;
    if (!state.tokens.empty())
        throw Error(ErrorCode::NeedsActivation,
                    "the card in use (" + state.tokens.front().label + ") is not activated");
    if (state.readers.empty())
        throw Error(ErrorCode::NoReader, "no smart card reader is connected");
    for (const Trouble& trouble : troubles) {
        const auto reader = std::ranges::find(state.readers, trouble.state, &Reader::state);
        if (reader != state.readers.end())
            throw Error(trouble.code, (reader->problem.empty() ? trouble.fallback : reader->problem) + " (" +
                                          reader->name + ")");
    }
    throw Error(ErrorCode::NoCard, "there is no card in any reader");
}

} // namespace digisign::client
