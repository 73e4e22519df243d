// SPDX-License-Identifier: LGPL-2.1-or-later
// A card of no particular maker: a PKCS#15 application as ISO/IEC 7816-15 describes it, commands of ISO/IEC
// 7816-4 and -8, and PINs that are sent as they are typed, without padding.

#pragma once

#include "tests/virtual-card/card_key.hpp"
#include "tests/virtual-card/iso7816_card.hpp"
#include "tests/virtual-card/personalization.hpp"
#include "tests/virtual-card/security_status.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace digisign::virtual_card {

CardPlan plain_plan();

class PlainCard final : public Iso7816Card {
public:
    explicit PlainCard(StateStore& store);

protected:
    Response process(const Command& command) override;
    void clear_security() override;
    bool accepts_chain(const Command&) const override { return false; }
    void on_application_selected(const File&, SelectedBy) override {
    } // there is one application, always there
    Bytes control_parameters(const File& file) const override;

private:
    struct Key {
        CardKey key;
        std::string pin; ///< role of the PIN that must be verified
    };

    void build_files(const CardState& state);
    Response verify(const Command& command);
    Response change_reference_data(const Command& command);
    Response reset_retry_counter(const Command& command);
    Response manage_security_environment(const Command& command);
    Response perform_security_operation(const Command& command);

    SecurityStatus security_;
    std::map<std::uint8_t, Key> keys_; ///< by reference
    const Key* key_ = nullptr;         ///< of the security environment
};

} // namespace digisign::virtual_card
