// SPDX-License-Identifier: LGPL-2.1-or-later
// Aventra's MyEID, as organisations give it to their people: a plain PKCS#15 card with two PINs, RSA and EC
// keys.

#pragma once

#include "tests/virtual-card/card_key.hpp"
#include "tests/virtual-card/iso7816_card.hpp"
#include "tests/virtual-card/personalization.hpp"
#include "tests/virtual-card/security_status.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace digisign::virtual_card {

CardPlan myeid_plan();

class MyeidCard final : public Iso7816Card {
public:
    explicit MyeidCard(StateStore& store);

protected:
    Response process(const Command& command) override;
    void clear_security() override;
    bool accepts_chain(const Command& command) const override;
    void on_application_selected(const File& directory, SelectedBy how) override;
    Bytes control_parameters(const File& file) const override;

private:
    struct Key {
        CardKey key;
        std::uint8_t pin; ///< reference of the PIN that must be verified
    };

    struct SecurityEnvironment {
        std::uint8_t control_template;
        std::uint8_t algorithm;
        const Key* key;
        Bytes first_half; ///< of a cryptogram that comes in two commands
    };

    void build_files(const CardState& state);
    Response verify(const Command& command);
    Response change_reference_data(const Command& command);
    Response reset_retry_counter(const Command& command);
    Response get_data(const Command& command) const;
    Response manage_security_environment(const Command& command);
    Response perform_security_operation(const Command& command);
    Response compute_digital_signature(const Command& command) const;
    Response decipher(const Command& command);
    Response general_authenticate(const Command& command) const;
    bool verified_for(const Key& key) const;

    SecurityStatus security_;
    std::map<std::uint16_t, Key> keys_; ///< by file identifier
    Bytes serial_number_;
    Bytes change_counter_; ///< two octets; another value for each personalization, as after real changes
    std::optional<SecurityEnvironment> environment_;
};

} // namespace digisign::virtual_card
