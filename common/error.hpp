// SPDX-License-Identifier: LGPL-2.1-or-later
// The closed list of faults, the one exception that carries them, and the table that names them on every
// border.

#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace digisign {

enum class ErrorCode {
    Internal,
    NotSupported,
    InvalidArgument,
    AccessDenied,
    LimitExceeded,
    TimedOut,
    Cancelled,
    IoError,
    ConfigurationInvalid,
    // services
    ServiceUnavailable,
    PcscUnavailable,
    PcscAccessDenied,
    // readers and cards
    NoReader,
    NoCard,
    CardRemoved,
    CardReset,
    CardMute,
    CardBusy,
    CardUnrecognized,
    CardDataInvalid,
    CardError,
    NeedsActivation,
    // PINs
    PinIncorrect,
    PinBlocked,
    PukBlocked,
    PinLengthInvalid,
    PinCharactersInvalid,
    PinRequired,
    LastTryRefused,
    PinRejected,
    PinMismatch,
    PinPadTimedOut,
    PinPadCancelled,
    AgentUnavailable,
    PolicyForbids,
    // keys and certificates
    KeyNotFound,
    CertificateNotFound,
    CertificateAmbiguous,
    CertificateExpired,
    MechanismUnsupported,
    DigestLengthInvalid,
    CryptogramInvalid,
    // documents
    InputNotFound,
    InputUnreadable,
    InputNotRegularFile,
    InputEmpty,
    InputChanged,
    NotPdf,
    PdfDamaged,
    PdfEncrypted,
    PdfSigningForbidden,
    PdfUnsupported,
    DocumentTooLarge,
    SignatureInvalid,
    OutputExists,
    OutputNotWritable,
    DiskFull,
};

/// Exit codes of digisignctl, by kind of failure; documented in digisignctl(1).
enum class ExitCode : int {
    Success = 0,
    Failure = 1,
    Usage = 2,
    Service = 3,
    NoCard = 4,
    Card = 5,
    Pin = 6,
    Cancelled = 7,
    Certificate = 8,
    Input = 9,
    Output = 10,
};

struct ErrorInfo {
    ErrorCode code;
    /// Last element of the D-Bus error name, see error_dbus_name().
    std::string_view name;
    /// CK_RV of PKCS#11 2.40 section 3.6 that the module answers with, in functions with a session: a token that
    /// cannot be reached any more was removed. CKR_TOKEN_NOT_PRESENT is for those with a slot.
    std::uint32_t ck_rv;
    ExitCode exit_code;
    /// What to do next, for people; empty where the message itself says all there is.
    std::string_view hint;
};

/// The whole table, in the order of ErrorCode.
std::span<const ErrorInfo> error_table();
const ErrorInfo& error_info(ErrorCode code);

/// "org.digisign.DigiSign1.Error.<name>".
std::string error_dbus_name(ErrorCode code);

/// Inverse of error_dbus_name(). Names of the bus itself (no owner, no reply, …) become ServiceUnavailable or
/// TimedOut; anything unknown becomes Internal.
ErrorCode error_code_from_dbus(std::string_view dbus_name);

/// A fault: a code for programs and a sentence for people ("the card was removed while signing").
/// Daily outcomes such as a wrong PIN are values, not exceptions; see PinOutcome.
class Error : public std::runtime_error {
public:
    Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

    ErrorCode code() const { return code_; }

    /// The same fault with what was being done in front: "cannot sign contract.pdf: the card was removed".
    Error with_context(std::string_view context) const {
        return {code_, std::string(context) + ": " + what()};
    }

private:
    ErrorCode code_;
};

/// Error(IoError or a closer code) for errno: ENOSPC and EDQUOT are DiskFull, ENOENT InputNotFound, EACCES
/// AccessDenied.
Error error_from_errno(int error_number, std::string_view doing_what);

} // namespace digisign
