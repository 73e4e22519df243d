// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/iso7816/pin_pad_command.hpp"

namespace digisign::iso7816 {

PinPadCommand PinPadCommand::verify(std::uint8_t reference, const PinBlockFormat& format,
                                    PinLengths lengths) {
    return {0x20, reference, 1, format, lengths};
}

PinPadCommand PinPadCommand::change_reference_data(std::uint8_t reference, const PinBlockFormat& format,
                                                   PinLengths lengths) {
    return {0x24, reference, 2, format, lengths};
}

PinPadCommand PinPadCommand::reset_retry_counter(std::uint8_t reference, const PinBlockFormat& format,
                                                 PinLengths lengths) {
    return {0x2C, reference, 2, format, lengths};
}

std::size_t PinPadCommand::block_length() const {
    if (format_.stored_length != 0 && format_.pad_byte)
        return format_.stored_length;
    // As typed, but of one length: a block as well, which every reader can do.
    return lengths_.min == lengths_.max ? lengths_.max : 0;
}

Bytes PinPadCommand::filled() const {
    Bytes command(header_.begin(), header_.end());
    const std::size_t length = values_ * block_length();
    if (length == 0)
        return command;
    command.push_back(static_cast<std::uint8_t>(length));
    command.resize(command.size() + length, format_.pad_byte.value_or(0x00));
    return command;
}

} // namespace digisign::iso7816
