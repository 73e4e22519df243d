// SPDX-License-Identifier: LGPL-2.1-or-later
// A PIV card as NIST SP 800-73-4 describes it, in the shape of a YubiKey: data objects, keys 9A, 9C, 9D, 9E
// and a retired one.

#pragma once

#include "tests/virtual-card/card_key.hpp"
#include "tests/virtual-card/iso7816_card.hpp"
#include "tests/virtual-card/personalization.hpp"
#include "tests/virtual-card/security_status.hpp"

#include <cstdint>
#include <map>
#include <optional>

namespace digisign::virtual_card {

CardPlan piv_plan();

class PivCard final : public Iso7816Card {
public:
    explicit PivCard(StateStore& store);

protected:
    Response process(const Command& command) override;
    void clear_security() override;
    /// SELECT of this application, which is the only one, keeps the security status (part 2 section 3.1.1).
    void end_application() override {}
    bool accepts_chain(const Command& command) const override;
    void on_application_selected(const File& directory, SelectedBy how) override;
    std::optional<Bytes> application_answer(const File& directory) const override;
    Bytes control_parameters(const File&) const override { return {}; }

private:
    struct Key {
        CardKey key;
        std::uint8_t algorithm;
        bool needs_pin = true;
        bool pin_always = false;
    };

    void add_objects(const CardState& state);
    void add_certificate(std::uint32_t tag, const Bytes& der, bool compressed);
    Response verify(const Command& command);
    Response change_reference_data(const Command& command);
    Response reset_retry_counter(const Command& command);
    Response get_data(const Command& command) const;
    Response general_authenticate(const Command& command);

    SecurityStatus security_;
    Bytes serial_number_;
    std::map<std::uint32_t, Bytes> objects_; ///< by tag, each as GET DATA answers
    std::map<std::uint8_t, Key> keys_;       ///< by reference
    bool application_selected_ = false;
    bool pin_was_last_ = false; ///< VERIFY succeeded, and no other command came since
};

} // namespace digisign::virtual_card
