// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/error_map.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace digisign::pcsc {

namespace {

struct Meaning {
    LONG result;
    ErrorCode code;
    std::string_view sentence;
};

/// Only what pcsc-lite and its drivers return where a card or a reader is at fault; the rest would be misuse
/// of the interface, that is, a defect of ours.
constexpr std::array meanings{
    Meaning{SCARD_W_REMOVED_CARD, ErrorCode::CardRemoved, "the card was removed"},
    Meaning{SCARD_E_NO_SMARTCARD, ErrorCode::CardRemoved, "there is no card in the reader"},
    Meaning{SCARD_E_READER_UNAVAILABLE, ErrorCode::CardRemoved, "the reader was disconnected"},
    Meaning{SCARD_E_UNKNOWN_READER, ErrorCode::CardRemoved, "the reader was disconnected"},
    Meaning{SCARD_W_RESET_CARD, ErrorCode::CardReset, "another program reset the card"},
    Meaning{SCARD_W_UNRESPONSIVE_CARD, ErrorCode::CardMute, "the card does not answer"},
    Meaning{SCARD_W_UNPOWERED_CARD, ErrorCode::CardMute, "the card cannot be switched on"},
    Meaning{SCARD_E_NOT_TRANSACTED, ErrorCode::CardMute, "the exchange with the card failed"},
    Meaning{SCARD_E_NOT_READY, ErrorCode::CardMute, "the reader is not ready"},
    Meaning{SCARD_F_WAITED_TOO_LONG, ErrorCode::CardMute, "the reader waited too long for the card"},
    Meaning{SCARD_W_UNSUPPORTED_CARD, ErrorCode::CardUnrecognized, "the reader cannot work with this card"},
    Meaning{SCARD_E_CARD_UNSUPPORTED, ErrorCode::CardUnrecognized, "the reader cannot work with this card"},
    Meaning{SCARD_E_PROTO_MISMATCH, ErrorCode::CardUnrecognized,
            "the card speaks neither T=0 nor T=1, or another program chose a different protocol"},
    Meaning{SCARD_E_SHARING_VIOLATION, ErrorCode::CardBusy, "another program holds the card"},
    Meaning{SCARD_E_NO_SERVICE, ErrorCode::PcscUnavailable, "the smart card service (pcscd) is not running"},
    Meaning{SCARD_E_SERVICE_STOPPED, ErrorCode::PcscUnavailable,
            "the smart card service (pcscd) has stopped"},
    Meaning{SCARD_P_SHUTDOWN, ErrorCode::PcscUnavailable, "the smart card service (pcscd) is shutting down"},
    Meaning{SCARD_F_COMM_ERROR, ErrorCode::PcscUnavailable,
            "the connection to the smart card service (pcscd) broke"},
    Meaning{SCARD_E_INVALID_HANDLE, ErrorCode::PcscUnavailable,
            "the smart card service (pcscd) was restarted"},
    // A reset of the socket, that is, pcscd hung up without reading what we wrote. Except after a refusal,
    // see error_from_connecting(), that is how a dying pcscd may look; an orderly end of file is
    // SCARD_F_COMM_ERROR.
    Meaning{SCARD_W_SECURITY_VIOLATION, ErrorCode::PcscUnavailable,
            "the connection to the smart card service (pcscd) broke"},
    Meaning{SCARD_E_NO_MEMORY, ErrorCode::LimitExceeded,
            "the smart card service (pcscd) has too many users at the moment"},
    Meaning{SCARD_E_CANCELLED, ErrorCode::Cancelled, "the call was cancelled"},
    Meaning{SCARD_E_TIMEOUT, ErrorCode::TimedOut, "nothing happened in time"},
};

const Meaning* find_meaning(LONG result) {
    const auto found = std::ranges::find(meanings, result, &Meaning::result);
    return found == meanings.end() ? nullptr : found;
}

} // namespace

Error error_from_result(LONG result, std::string_view doing) {
    const std::string context = "cannot " + std::string(doing);
    if (const Meaning* meaning = find_meaning(result))
        return Error(meaning->code, std::string(meaning->sentence)).with_context(context);
    return Error(ErrorCode::CardError,
                 std::string("the smart card service reports: ") + pcsc_stringify_error(result))
        .with_context(context);
}

ErrorCode error_code_of(LONG result) {
    const Meaning* meaning = find_meaning(result);
    return meaning ? meaning->code : ErrorCode::CardError;
}

Error error_from_connecting(LONG result, std::string_view doing) {
    if (result != SCARD_W_SECURITY_VIOLATION)
        return error_from_result(result, doing);
    return Error(ErrorCode::PcscAccessDenied, "the smart card service (pcscd) does not admit this session")
        .with_context("cannot " + std::string(doing));
}

} // namespace digisign::pcsc
