// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/error.hpp"

#include <array>
#include <cerrno>
#include <system_error>

namespace digisign {

namespace {

constexpr std::string_view dbus_prefix = "org.digisign.DigiSign1.Error.";

// CK_RV values of PKCS#11 2.40; repeated here because the header of the standard is not installed by Debian's -dev
// packages without p11-kit, and the daemon has no other use for it.
constexpr std::uint32_t ckr_cancel = 0x01;
constexpr std::uint32_t ckr_general_error = 0x05;
constexpr std::uint32_t ckr_function_failed = 0x06;
constexpr std::uint32_t ckr_arguments_bad = 0x07;
constexpr std::uint32_t ckr_data_len_range = 0x21;
constexpr std::uint32_t ckr_device_error = 0x30;
constexpr std::uint32_t ckr_device_memory = 0x31;
constexpr std::uint32_t ckr_device_removed = 0x32;
constexpr std::uint32_t ckr_encrypted_data_invalid = 0x40;
constexpr std::uint32_t ckr_function_canceled = 0x50;
constexpr std::uint32_t ckr_function_not_supported = 0x54;
constexpr std::uint32_t ckr_key_handle_invalid = 0x60;
constexpr std::uint32_t ckr_key_function_not_permitted = 0x68;
constexpr std::uint32_t ckr_mechanism_invalid = 0x70;
constexpr std::uint32_t ckr_object_handle_invalid = 0x82;
constexpr std::uint32_t ckr_pin_incorrect = 0xA0;
constexpr std::uint32_t ckr_pin_invalid = 0xA1;
constexpr std::uint32_t ckr_pin_len_range = 0xA2;
constexpr std::uint32_t ckr_pin_expired = 0xA3;
constexpr std::uint32_t ckr_pin_locked = 0xA4;
constexpr std::uint32_t ckr_signature_invalid = 0xC0;
constexpr std::uint32_t ckr_token_not_recognized = 0xE1;
constexpr std::uint32_t ckr_user_not_logged_in = 0x101;

constexpr std::array table{
    ErrorInfo{ErrorCode::Internal, "Internal", ckr_general_error, ExitCode::Failure,
              "This is a defect of DigiSign; please report it with the output of 'journalctl --user -u digisignd'."},
    ErrorInfo{ErrorCode::NotSupported, "NotSupported", ckr_function_not_supported, ExitCode::Failure, ""},
    ErrorInfo{ErrorCode::InvalidArgument, "InvalidArgument", ckr_arguments_bad, ExitCode::Usage, ""},
    ErrorInfo{ErrorCode::AccessDenied, "AccessDenied", ckr_function_failed, ExitCode::Failure, ""},
    ErrorInfo{ErrorCode::LimitExceeded, "LimitExceeded", ckr_device_memory, ExitCode::Failure,
              "Wait until running jobs have finished, then try again."},
    ErrorInfo{ErrorCode::TimedOut, "TimedOut", ckr_function_failed, ExitCode::Cancelled, "Try again."},
    ErrorInfo{ErrorCode::Cancelled, "Cancelled", ckr_function_canceled, ExitCode::Cancelled, ""},
    ErrorInfo{ErrorCode::IoError, "IoError", ckr_function_failed, ExitCode::Failure, ""},
    ErrorInfo{ErrorCode::ConfigurationInvalid, "ConfigurationInvalid", ckr_general_error, ExitCode::Usage,
              "See digisign.conf(5); 'digisignctl config --origin' shows what is in force."},

    ErrorInfo{ErrorCode::ServiceUnavailable, "ServiceUnavailable", ckr_device_removed, ExitCode::Service,
              "Check 'systemctl --user status digisignd' and that a session bus is running "
              "(DBUS_SESSION_BUS_ADDRESS or XDG_RUNTIME_DIR)."},
    ErrorInfo{ErrorCode::PcscUnavailable, "PcscUnavailable", ckr_device_removed, ExitCode::Service,
              "Start the smart card service: 'sudo systemctl enable --now pcscd.socket'."},
    ErrorInfo{ErrorCode::PcscAccessDenied, "PcscAccessDenied", ckr_device_removed, ExitCode::Service,
              "polkit lets only an active local session use the smart card service; log in at the screen, or ask "
              "the administrator for a polkit rule for org.debian.pcsc-lite.access_pcsc."},

    ErrorInfo{ErrorCode::NoReader, "NoReader", ckr_device_removed, ExitCode::NoCard,
              "Connect a smart card reader."},
    ErrorInfo{ErrorCode::NoCard, "NoCard", ckr_device_removed, ExitCode::NoCard,
              "Insert the card, chip first, and try again."},
    ErrorInfo{ErrorCode::CardRemoved, "CardRemoved", ckr_device_removed, ExitCode::NoCard,
              "Insert the card again and repeat."},
    ErrorInfo{ErrorCode::CardReset, "CardReset", ckr_device_error, ExitCode::Card,
              "Another program reset the card; try again."},
    ErrorInfo{ErrorCode::CardMute, "CardMute", ckr_device_error, ExitCode::Card,
              "Take the card out, wipe the chip, check that it is the right way up and insert it again."},
    ErrorInfo{ErrorCode::CardBusy, "CardBusy", ckr_device_error, ExitCode::Card,
              "Another program holds the card; close it (often 'gpg-connect-agent \"scd killscd\" /bye') and try again."},
    ErrorInfo{ErrorCode::CardUnrecognized, "CardUnrecognized", ckr_token_not_recognized, ExitCode::Card,
              "DigiSign knows no such card; see docs/adding-a-card.md."},
    ErrorInfo{ErrorCode::CardDataInvalid, "CardDataInvalid", ckr_device_error, ExitCode::Card,
              "The card's contents are damaged; contact its issuer."},
    ErrorInfo{ErrorCode::CardError, "CardError", ckr_device_error, ExitCode::Card, "Insert the card again and repeat."},
    ErrorInfo{ErrorCode::NeedsActivation, "NeedsActivation", ckr_pin_expired, ExitCode::Card,
              "The card is new: activate it with the code from the letter before first use."},

    ErrorInfo{ErrorCode::PinIncorrect, "PinIncorrect", ckr_pin_incorrect, ExitCode::Pin, ""},
    ErrorInfo{ErrorCode::PinBlocked, "PinBlocked", ckr_pin_locked, ExitCode::Pin,
              "Unblock it with the PUK from the card's letter."},
    ErrorInfo{ErrorCode::PukBlocked, "PukBlocked", ckr_pin_locked, ExitCode::Pin,
              "The PINs of this card cannot be unblocked any more; ask its issuer for a new card."},
    ErrorInfo{ErrorCode::PinLengthInvalid, "PinLengthInvalid", ckr_pin_len_range, ExitCode::Pin,
              "Nothing was sent to the card and no try was spent."},
    ErrorInfo{ErrorCode::PinCharactersInvalid, "PinCharactersInvalid", ckr_pin_invalid, ExitCode::Pin,
              "Nothing was sent to the card and no try was spent."},
    ErrorInfo{ErrorCode::PinRequired, "PinRequired", ckr_user_not_logged_in, ExitCode::Pin, ""},
    ErrorInfo{ErrorCode::LastTryRefused, "LastTryRefused", ckr_pin_incorrect, ExitCode::Pin,
              "One try is left. It is only spent when a person confirms it; run the command on a terminal."},
    ErrorInfo{ErrorCode::PinRejected, "PinRejected", ckr_pin_invalid, ExitCode::Pin,
              "Choose another new PIN; the old one is still valid."},
    ErrorInfo{ErrorCode::PinMismatch, "PinMismatch", ckr_pin_invalid, ExitCode::Pin,
              "The new PIN was typed differently the second time; nothing was changed."},
    ErrorInfo{ErrorCode::PinPadTimedOut, "PinPadTimedOut", ckr_function_canceled, ExitCode::Cancelled,
              "The PIN has to be typed on the reader's own keys; try again."},
    ErrorInfo{ErrorCode::PinPadCancelled, "PinPadCancelled", ckr_function_canceled, ExitCode::Cancelled, ""},
    ErrorInfo{ErrorCode::AgentUnavailable, "AgentUnavailable", ckr_user_not_logged_in, ExitCode::Pin,
              "Nothing can ask for the PIN here: run the command on a terminal, or give the PIN with --pin-fd."},
    ErrorInfo{ErrorCode::PolicyForbids, "PolicyForbids", ckr_key_function_not_permitted, ExitCode::Pin,
              "'digisignctl config --origin' shows the setting and where it comes from."},

    ErrorInfo{ErrorCode::KeyNotFound, "KeyNotFound", ckr_key_handle_invalid, ExitCode::Certificate, ""},
    ErrorInfo{ErrorCode::CertificateNotFound, "CertificateNotFound", ckr_object_handle_invalid, ExitCode::Certificate,
              "'digisignctl list' shows the certificates that are there."},
    ErrorInfo{ErrorCode::CertificateAmbiguous, "CertificateAmbiguous", ckr_object_handle_invalid,
              ExitCode::Certificate, "Choose one with --certificate; 'digisignctl list' shows them."},
    ErrorInfo{ErrorCode::CertificateExpired, "CertificateExpired", ckr_key_handle_invalid, ExitCode::Certificate,
              "Signatures made with it would be invalid; use a current card."},
    ErrorInfo{ErrorCode::MechanismUnsupported, "MechanismUnsupported", ckr_mechanism_invalid, ExitCode::Certificate, ""},
    ErrorInfo{ErrorCode::DigestLengthInvalid, "DigestLengthInvalid", ckr_data_len_range, ExitCode::Usage, ""},
    ErrorInfo{ErrorCode::CryptogramInvalid, "CryptogramInvalid", ckr_encrypted_data_invalid, ExitCode::Failure, ""},

    ErrorInfo{ErrorCode::InputNotFound, "InputNotFound", ckr_arguments_bad, ExitCode::Input, ""},
    ErrorInfo{ErrorCode::InputUnreadable, "InputUnreadable", ckr_arguments_bad, ExitCode::Input,
              "Check the file's permissions."},
    ErrorInfo{ErrorCode::InputNotRegularFile, "InputNotRegularFile", ckr_arguments_bad, ExitCode::Input,
              "Save the document to a file first."},
    ErrorInfo{ErrorCode::InputEmpty, "InputEmpty", ckr_arguments_bad, ExitCode::Input, ""},
    ErrorInfo{ErrorCode::InputChanged, "InputChanged", ckr_function_failed, ExitCode::Input,
              "Sign again once nothing else writes the file."},
    ErrorInfo{ErrorCode::NotPdf, "NotPdf", ckr_arguments_bad, ExitCode::Input, "Only PDF documents can be signed so."},
    ErrorInfo{ErrorCode::PdfDamaged, "PdfDamaged", ckr_arguments_bad, ExitCode::Input,
              "Open it in the program that made it and save or print it to PDF again."},
    ErrorInfo{ErrorCode::PdfEncrypted, "PdfEncrypted", ckr_arguments_bad, ExitCode::Input,
              "Give the document's password (digisignctl: --document-password-fd), or save a copy without one first."},
    ErrorInfo{ErrorCode::PdfSigningForbidden, "PdfSigningForbidden", ckr_arguments_bad, ExitCode::Input,
              "Ask its author for a version that allows further signatures."},
    ErrorInfo{ErrorCode::PdfUnsupported, "PdfUnsupported", ckr_arguments_bad, ExitCode::Input,
              "Print it to PDF and sign the copy."},
    ErrorInfo{ErrorCode::DocumentTooLarge, "DocumentTooLarge", ckr_arguments_bad, ExitCode::Input, ""},
    ErrorInfo{ErrorCode::SignatureInvalid, "SignatureInvalid", ckr_signature_invalid, ExitCode::Failure,
              "The card's signature does not match its certificate; nothing was written."},
    ErrorInfo{ErrorCode::OutputExists, "OutputExists", ckr_arguments_bad, ExitCode::Output,
              "Choose another name with --output, or replace the file with --overwrite."},
    ErrorInfo{ErrorCode::OutputNotWritable, "OutputNotWritable", ckr_arguments_bad, ExitCode::Output,
              "Choose another place with --output."},
    ErrorInfo{ErrorCode::DiskFull, "DiskFull", ckr_function_failed, ExitCode::Output,
              "Free some space, or choose another place with --output."},
};

constexpr bool table_is_in_order() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].code) != i)
            return false;
    return table.size() == static_cast<std::size_t>(ErrorCode::DiskFull) + 1;
}
static_assert(table_is_in_order());

} // namespace

std::span<const ErrorInfo> error_table() { return table; }

const ErrorInfo& error_info(ErrorCode code) { return table[static_cast<std::size_t>(code)]; }

std::string error_dbus_name(ErrorCode code) {
    return std::string(dbus_prefix) + std::string(error_info(code).name);
}

ErrorCode error_code_from_dbus(std::string_view dbus_name) {
    if (dbus_name.starts_with(dbus_prefix)) {
        for (const ErrorInfo& info : table)
            if (dbus_name.substr(dbus_prefix.size()) == info.name)
                return info.code;
        return ErrorCode::Internal;
    }
    if (dbus_name == "org.freedesktop.DBus.Error.InvalidArgs" ||
        dbus_name == "org.freedesktop.DBus.Error.InvalidSignature")
        return ErrorCode::InvalidArgument;
    if (dbus_name == "org.freedesktop.DBus.Error.UnknownMethod") // a program newer than the service it asks
        return ErrorCode::NotSupported;
    if (dbus_name == "org.freedesktop.DBus.Error.AccessDenied")
        return ErrorCode::AccessDenied;
    if (dbus_name == "org.freedesktop.DBus.Error.Timeout" || dbus_name == "org.freedesktop.DBus.Error.NoReply" ||
        dbus_name == "org.freedesktop.DBus.Error.TimedOut")
        return ErrorCode::TimedOut;
    if (dbus_name.starts_with("org.freedesktop.DBus.Error.Spawn.") ||
        dbus_name == "org.freedesktop.DBus.Error.ServiceUnknown" ||
        dbus_name == "org.freedesktop.DBus.Error.NameHasNoOwner" ||
        dbus_name == "org.freedesktop.DBus.Error.Disconnected" ||
        dbus_name == "org.freedesktop.DBus.Error.NoServer")
        return ErrorCode::ServiceUnavailable;
    return ErrorCode::Internal;
}

Error error_from_errno(int error_number, std::string_view doing_what) {
    ErrorCode code = ErrorCode::IoError;
    if (error_number == ENOSPC || error_number == EDQUOT)
        code = ErrorCode::DiskFull;
    else if (error_number == ENOENT)
        code = ErrorCode::InputNotFound;
    else if (error_number == EACCES || error_number == EPERM)
        code = ErrorCode::AccessDenied;
    return {code, std::string(doing_what) + ": " + std::generic_category().message(error_number)};
}

} // namespace digisign
