// SPDX-License-Identifier: LGPL-2.1-or-later
// The Finnish citizen card: FINEID S1 (commands) and S4-1 (application), versions 3.0 and 4.0.

#pragma once

#include "tests/virtual-card/card_key.hpp"
#include "tests/virtual-card/iso7816_card.hpp"
#include "tests/virtual-card/personalization.hpp"
#include "tests/virtual-card/security_status.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string_view>

namespace digisign::virtual_card {

enum class FineidVersion { V3, V4 };

CardPlan fineid_plan(FineidVersion version);

class FineidCard final : public Iso7816Card {
public:
    FineidCard(FineidVersion version, StateStore& store);

protected:
    Response process(const Command& command) override;
    void clear_security() override;
    void end_application() override;
    bool accepts_chain(const Command& command) const override;
    void on_application_selected(const File& directory, SelectedBy how) override;
    Bytes control_parameters(const File& file) const override;
    std::size_t read_limit() const override { return 0xB5; } // seen on v3 and v4 cards

private:
    struct Key {
        CardKey key;
        std::string_view pin; ///< role that must be verified
    };

    /// Set by MSE SET; `digest` comes from PSO HASH.
    struct SecurityEnvironment {
        std::uint8_t control_template;
        std::uint8_t algorithm;
        const Key* key;
        std::optional<Bytes> digest;
    };

    Response verify(const Command& command);
    Response change_reference_data(const Command& command);
    Response reset_retry_counter(const Command& command);
    Response get_data(const Command& command) const;
    Response manage_security_environment(const Command& command);
    Response perform_security_operation(const Command& command);
    Response hash(const Command& command);
    Response compute_digital_signature(const Command& command);
    Response decipher(const Command& command);

    bool signing_environment() const;
    Bytes sign(const SecurityEnvironment& environment) const;
    /// PIN 2 is good for one signature, FINEID S4-1 §8.1.7.
    void on_key_used(const Key& key);

    FineidVersion version_;
    SecurityStatus security_;
    std::map<std::uint8_t, Key> keys_;
    bool application_selected_ = false;
    std::optional<SecurityEnvironment> environment_;
};

} // namespace digisign::virtual_card
