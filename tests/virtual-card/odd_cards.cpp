// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/odd_cards.hpp"

#include "tests/virtual-card/fineid_files.hpp"
#include "tests/virtual-card/iso7816_card.hpp"
#include "tests/virtual-card/pkcs15_directory.hpp"
#include "tests/virtual-card/tlv.hpp"

namespace digisign::virtual_card {

namespace {

/// TB1, TC1 and the historical bytes "TEST!".
Bytes unlisted_atr() {
    return *from_hex("3B6500005445535421");
}

/// Files to read and nothing else.
class FileCard : public Iso7816Card {
public:
    FileCard() : Iso7816Card(Protocol::T0, unlisted_atr()) {}

protected:
    Response process(const Command&) override { return Status::InstructionNotSupported; }
    void clear_security() override {}
    bool accepts_chain(const Command&) const override { return false; }
    void on_application_selected(const File&, SelectedBy) override {}
    Bytes control_parameters(const File& file) const override {
        const std::size_t size = file.content.size();
        return tlv(0x80, Bytes{static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size & 0xFF)});
    }
};

class GarbageCard final : public FileCard {
public:
    GarbageCard() {
        File& root = files().root();
        const Bytes path{0x3F, 0x00, 0x50, 0x15};
        files().add_file(root, 0x2F00,
                         application_template(pkcs15_application_identifier(), "GARBAGE", path));
        File& application = files().add_directory(root, 0x5015, pkcs15_application_identifier());
        const auto add = [&](std::uint16_t id, Bytes content) {
            files().add_file(application, id, std::move(content));
        };
        add(0x5031, concatenate({
                        object_directory({{8, {0x44, 0x01}},
                                          {0, {0x44, 0x02}},
                                          {4, {0x44, 0x03}},
                                          {5, {0x44, 0x04}},
                                          {7, {0x44, 0x05}},
                                          {4, {0x50, 0x31}},
                                          {4, {0x7F, 0xFF}},
                                          {4, {}}}),
                        Bytes{0xA8, 0x84, 0xFF, 0xFF, 0xFF, 0xFF}, // a length of four gigabytes
                    }));
        add(0x5032,
            Bytes{0x30, 0x80, 0x02, 0x01, 0x00, 0x04, 0x7F, 0x00}); // indefinite length, overlong member
        add(0x4401, noise(300));
        add(0x4402, nested(120));
        add(0x4403, concatenate({
                        certificate_directory({{std::string(200, 'x'), 0x01, false, {0x43, 0x31}},
                                               {"missing", 0x02, false, {0x66, 0x66}},
                                               {"directory", 0x03, false, {0x3F, 0x00}},
                                               {"odd path", 0x04, false, {0x43}}}),
                        noise(60),
                    }));
        add(0x4404, Bytes(40, 0x30)); // every element longer than its parent
        add(0x4405, Bytes{});
        add(0x4331, noise(500));
    }

private:
    /// The same octets each time, from a linear congruential generator.
    static Bytes noise(std::size_t size) {
        Bytes octets(size);
        std::uint32_t value = 20260101;
        for (std::uint8_t& octet : octets) {
            value = value * 1664525U + 1013904223U;
            octet = static_cast<std::uint8_t>(value >> 24);
        }
        return octets;
    }

    static Bytes nested(unsigned depth) {
        Bytes content;
        for (unsigned i = 0; i < depth; ++i)
            content = tlv(0x30, content);
        return content;
    }
};

class MuteCard : public Card {
public:
    /// ISO/IEC 7816-3 §8.2.1 allows 32 octets after TS; pcscd takes what is longer for a card that does not
    /// power up.
    Bytes atr() const override { return Bytes(40, 0xFF); }
    void reset() override {}
    std::optional<Bytes> transmit(ByteView) override { return std::nullopt; }
};

class SilentCard final : public MuteCard {
public:
    Bytes atr() const override { return *from_hex("3B7F9600008031B865B085050011122460829000"); }
};

} // namespace

CardPlan blank_plan(const char* profile) {
    CardPlan plan;
    plan.profile = profile;
    return plan;
}

std::unique_ptr<Card> make_unknown_card() {
    return std::make_unique<FileCard>();
}
std::unique_ptr<Card> make_garbage_card() {
    return std::make_unique<GarbageCard>();
}
std::unique_ptr<Card> make_mute_card() {
    return std::make_unique<MuteCard>();
}
std::unique_ptr<Card> make_silent_card() {
    return std::make_unique<SilentCard>();
}

} // namespace digisign::virtual_card
