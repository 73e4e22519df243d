// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/unit/pcsc/simple_card.hpp"

#include "common/unique_fd.hpp"
#include "daemon/card/plain_text.hpp"
#include "daemon/card/transaction.hpp"
#include "daemon/iso7816/commands.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace digisign::tests {

namespace {

constexpr std::uint8_t ins_verify = 0x20;
constexpr std::uint8_t ins_change = 0x24;
constexpr std::uint8_t ins_pso = 0x2A;
constexpr std::uint8_t ins_reset_counter = 0x2C;
constexpr std::uint8_t ins_select = 0xA4;
constexpr std::uint8_t ins_get_data = 0xCB;

/// "48151623" under a mask: the test must not find its own copy when it looks for one.
constexpr std::uint8_t mask = 0xA5;
constexpr std::array<std::uint8_t, 8> masked_pin{0x91, 0x9D, 0x94, 0x90, 0x94, 0x93, 0x97, 0x96};

bool is_right_pin(ByteView value) {
    return std::ranges::equal(value, masked_pin,
                              [](std::uint8_t a, std::uint8_t b) { return a == (b ^ mask); });
}

constexpr std::uint8_t p1_plain_value = 0x80;

Bytes right_pin_and_success() {
    Bytes answer(masked_pin.size() + 2);
    std::ranges::transform(masked_pin, answer.begin(),
                           [](std::uint8_t byte) { return static_cast<std::uint8_t>(byte ^ mask); });
    answer[masked_pin.size()] = 0x90;
    return answer;
}

Bytes status(std::uint16_t sw) {
    return {static_cast<std::uint8_t>(sw >> 8), static_cast<std::uint8_t>(sw & 0xFF)};
}

class SimpleDriver final : public card::Card {
public:
    explicit SimpleDriver(card::CardDescription description) : description_(std::move(description)) {}

    const card::CardDescription& description() const override { return description_; }

    void select_application(card::Transaction& transaction) override {
        const auto answer = transaction.transmit(
            iso7816::select(iso7816::SelectBy::DfName, Bytes{0xA0, 0x01}, iso7816::SelectAnswer::None));
        if (answer.status.value == 0x6D00)
            throw Error(ErrorCode::CardUnrecognized, "no driver knows this card");
        if (!answer.is_success())
            throw Error(ErrorCode::CardError, "SELECT failed");
    }

    card::PinStatus pin_status(card::Transaction& transaction, const card::PinDescription& pin) override {
        return status_from(transaction.transmit(iso7816::verify_status(pin.reference)));
    }

    bool is_verified(card::Transaction& transaction, const card::PinDescription& pin) override {
        return transaction.transmit(iso7816::verify_status(pin.reference)).is_success();
    }

    card::PinOutcome verify(card::Transaction& transaction, const card::PinDescription& pin,
                            const card::PinInput& input) override {
        return send(transaction,
                    iso7816::SensitiveApdu::verify(pin.reference, std::get<PinValue>(input), {}));
    }

    card::PinOutcome change_pin(card::Transaction& transaction, const card::PinDescription& pin,
                                const card::NewPinInput& input) override {
        const auto& values = std::get<card::NewPinValues>(input);
        return send(transaction, iso7816::SensitiveApdu::change_reference_data(pin.reference, values.proof,
                                                                               values.new_pin, {}));
    }

    card::PinOutcome unblock_pin(card::Transaction& transaction, const card::PinDescription& pin,
                                 const card::NewPinInput& input) override {
        const auto& values = std::get<card::NewPinValues>(input);
        return send(transaction, iso7816::SensitiveApdu::reset_retry_counter(pin.reference, values.proof, {},
                                                                             values.new_pin, {}));
    }

    Bytes sign(card::Transaction& transaction, const card::KeyDescription&, const SignatureMechanism&,
               ByteView data) override {
        const auto answer = transaction.transmit(iso7816::pso_compute_digital_signature(data, 256));
        if (answer.status.value == 0x6982)
            throw Error(ErrorCode::PinRequired, "the card wants the PIN first");
        return answer.data;
    }

    SecureBuffer decipher(card::Transaction& transaction, const card::KeyDescription&,
                          const DecipherMechanism&, ByteView cryptogram) override {
        return card::expect_plain_text(transaction.transmit_for_secret(
            iso7816::pso_decipher(iso7816::PaddingIndicator::NoIndication, cryptogram)));
    }

    SecureBuffer derive(card::Transaction&, const card::KeyDescription&, ByteView) override {
        throw Error(ErrorCode::MechanismUnsupported, "the card does not derive keys");
    }

    bool log_out(card::Transaction& transaction, const card::PinSet& keep) override {
        select_application(transaction);
        return keep.empty();
    }

    card::ActivationState activation_state(const std::vector<card::PinStatus>&) const override {
        return card::ActivationState::Active;
    }

private:
    static card::PinOutcome send(card::Transaction& transaction, const iso7816::SensitiveApdu& command) {
        const auto answer = transaction.transmit_sensitive(command);
        using Kind = card::PinOutcome::Kind;
        if (answer.is_success())
            return {Kind::Accepted, {}};
        const card::PinStatus now = status_from(answer);
        return {now.blocked ? Kind::Blocked : Kind::Wrong, now.tries_left};
    }

    static card::PinStatus status_from(const iso7816::ResponseApdu& answer) {
        card::PinStatus result;
        result.verified = answer.is_success();
        result.blocked = answer.status.value == 0x6983;
        if (answer.status.sw1() == 0x63)
            result.tries_left = answer.status.sw2() & 0x0Fu;
        return result;
    }

    card::CardDescription description_;
};

card::CardDescription describe(std::string serial) {
    card::CardDescription description;
    description.driver = "simple";
    description.label = "TEST card";
    description.serial_number = std::move(serial);
    card::PinDescription pin;
    pin.reference = simple_card_pin_reference;
    pin.label = "PIN 1";
    description.pins.push_back(pin);
    card::KeyDescription key;
    key.id = {0x45};
    key.pin_reference = simple_card_pin_reference;
    description.keys.push_back(key);
    return description;
}

} // namespace

Bytes SimpleCard::transmit(ByteView command) {
    const std::uint8_t ins = command[1];
    if (before_command)
        before_command(ins);
    if (foreign)
        return status(0x6D00);
    const ByteView data = command.size() > 5 ? command.subspan(5, command[4]) : ByteView{};
    switch (ins) {
    case ins_select:
        if (cannot_log_out && verified_)
            return status(0x6F00);
        verified_ = false;
        return status(0x9000);
    case ins_get_data: {
        Bytes answer = to_bytes(serial_);
        append(answer, status(0x9000));
        return answer;
    }
    case ins_verify: {
        if (data.empty() && verified_)
            return status(0x9000);
        if (data.empty())
            return status(static_cast<std::uint16_t>(tries_left_ == 0 ? 0x6983 : 0x63C0 + tries_left_));
        ++verify_commands_;
        const std::uint16_t sw = compare(data);
        verified_ = sw == 0x9000;
        return status(sw);
    }
    case ins_change:
    case ins_reset_counter: // a PUK of the same digits, with the same tries
        ++set_commands_;
        verified_ = false;
        return status(compare(data.first(std::min(data.size(), masked_pin.size()))));
    case ins_pso: {
        ++sign_commands_;
        if (!verified_)
            return status(0x6982);
        if (command[2] == p1_plain_value)
            return right_pin_and_success();
        Bytes signature(data.rbegin(), data.rend());
        append(signature, status(0x9000));
        return signature;
    }
    default:
        return status(0x6D00);
    }
}

std::uint16_t SimpleCard::compare(ByteView value) {
    if (tries_left_ == 0)
        return 0x6983;
    if (!is_right_pin(value)) {
        --tries_left_;
        return static_cast<std::uint16_t>(0x63C0 + tries_left_);
    }
    tries_left_ = 3;
    return 0x9000;
}

PinValue right_pin() {
    PinValue pin;
    for (const std::uint8_t byte : masked_pin)
        pin.push_back(static_cast<char>(byte ^ mask));
    return pin;
}

PinValue wrong_pin() {
    PinValue pin;
    for (const char digit : {'9', '9', '9', '9'})
        pin.push_back(digit);
    return pin;
}

std::size_t count_right_pin_in_memory() {
    const UniqueFd memory(::open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
    if (!memory)
        throw std::runtime_error("cannot read /proc/self/mem");
    Bytes window(64 * 1024);
    std::size_t found = 0;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        std::istringstream fields(line);
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
        char dash = 0;
        std::string permissions;
        fields >> std::hex >> begin >> dash >> end >> permissions;
        if (permissions.substr(0, 2) != "rw")
            continue;
        // In pieces that overlap by what a piece's end may cut off.
        for (std::uint64_t at = begin; at < end; at += window.size() - masked_pin.size() + 1) {
            const auto own = reinterpret_cast<std::uint64_t>(window.data());
            if (at < own + window.size() && own < at + window.size())
                continue; // what was read before would be found again
            const ssize_t length =
                ::pread(memory.get(), window.data(), std::min<std::uint64_t>(window.size(), end - at),
                        static_cast<off_t>(at));
            if (length <= 0)
                break;
            const ByteView bytes(window.data(), static_cast<std::size_t>(length));
            for (std::size_t i = 0; i + masked_pin.size() <= bytes.size(); ++i)
                found += is_right_pin(bytes.subspan(i, masked_pin.size())) ? 1u : 0u;
        }
        std::ranges::fill(window, std::uint8_t{0});
    }
    return found;
}

pcsc::CardOpener simple_card_opener() {
    return [](card::Transaction& transaction, ByteView) -> std::unique_ptr<card::Card> {
        SimpleDriver probe({});
        probe.select_application(transaction);
        const auto serial = transaction.transmit({0x00, ins_get_data, 0, 0, {}, 256});
        return std::make_unique<SimpleDriver>(describe(to_string(serial.data)));
    };
}

} // namespace digisign::tests
