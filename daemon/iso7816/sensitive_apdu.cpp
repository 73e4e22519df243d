// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/iso7816/sensitive_apdu.hpp"

#include "common/error.hpp"

namespace digisign::iso7816 {

namespace {

constexpr std::size_t header_length = 4;
constexpr std::size_t lc_offset = header_length;
constexpr std::size_t data_max = 255;

} // namespace

SensitiveApdu::SensitiveApdu(std::uint8_t ins, std::uint8_t reference)
    : header_{0x00, ins, 0x00, reference}, buffer_(header_length + 1 + data_max) {
    buffer_.append(header_);
    buffer_.push_back(0); // Lc, counted up as blocks are added
}

void SensitiveApdu::append_block(const PinValue& pin, const PinBlockFormat& format) {
    std::size_t filler = 0;
    if (format.stored_length != 0 && format.pad_byte) {
        if (pin.length() > format.stored_length)
            throw Error(ErrorCode::Internal, "a PIN is longer than the card stores");
        filler = format.stored_length - pin.length();
    }
    buffer_.append(pin.secret());
    for (; filler > 0; --filler)
        buffer_.push_back(*format.pad_byte);
    buffer_.data()[lc_offset] = static_cast<std::uint8_t>(buffer_.size() - lc_offset - 1);
}

SensitiveApdu SensitiveApdu::verify(std::uint8_t reference, const PinValue& pin,
                                    const PinBlockFormat& format) {
    SensitiveApdu apdu(0x20, reference);
    apdu.append_block(pin, format);
    return apdu;
}

SensitiveApdu SensitiveApdu::change_reference_data(std::uint8_t reference, const PinValue& old_pin,
                                                   const PinValue& new_pin, const PinBlockFormat& format) {
    SensitiveApdu apdu(0x24, reference);
    apdu.append_block(old_pin, format);
    apdu.append_block(new_pin, format);
    return apdu;
}

SensitiveApdu SensitiveApdu::reset_retry_counter(std::uint8_t reference, const PinValue& puk,
                                                 const PinBlockFormat& puk_format, const PinValue& new_pin,
                                                 const PinBlockFormat& format) {
    SensitiveApdu apdu(0x2C, reference);
    apdu.append_block(puk, puk_format);
    apdu.append_block(new_pin, format);
    return apdu;
}

} // namespace digisign::iso7816
