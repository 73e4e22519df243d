// SPDX-License-Identifier: LGPL-2.1-or-later
// IsoApplet on a Java Card, with one PIN and its PUK, an RSA and an EC key, and the directories that OpenSC
// writes.

#pragma once

#include "tests/virtual-card/card_key.hpp"
#include "tests/virtual-card/iso7816_card.hpp"
#include "tests/virtual-card/personalization.hpp"
#include "tests/virtual-card/security_status.hpp"

#include <cstdint>
#include <map>
#include <optional>

namespace digisign::virtual_card {

/// Of its API: 0.6 answers SELECT with its version, takes chains and hashes for ECDSA; 1.0 has GET DATA for
/// the version, takes extended commands instead of chains, signs digests and knows PSS.
enum class IsoAppletVersion { V0_6, V1_0 };

CardPlan isoapplet_plan(IsoAppletVersion version);

class IsoAppletCard final : public Iso7816Card {
public:
    IsoAppletCard(IsoAppletVersion version, StateStore& store);

protected:
    Response process(const Command& command) override;
    void clear_security() override;
    void end_application() override {} // SELECT of a file, be it the MF, ends nothing
    bool accepts_chain(const Command& command) const override;
    Status chain_refusal() const override { return Status::ChainingNotSupported; }
    void on_application_selected(const File& directory, SelectedBy how) override;
    std::optional<Bytes> application_answer(const File& directory) const override;
    Bytes control_parameters(const File& file) const override;

private:
    struct SecurityEnvironment {
        std::uint8_t control_template;
        std::uint8_t algorithm;
        const CardKey* key;
    };

    void build_files(const CardState& state);
    Bytes applet_information() const;
    Response verify(const Command& command);
    Response change_reference_data(const Command& command);
    Response reset_retry_counter(const Command& command);
    Response manage_security_environment(const Command& command);
    Response perform_security_operation(const Command& command) const;
    Response compute_digital_signature(const Command& command) const;
    Response decipher(const Command& command) const;
    bool is_suitable(std::uint8_t control_template, std::uint8_t algorithm, const CardKey& key) const;

    IsoAppletVersion version_;
    SecurityStatus security_;
    std::map<std::uint8_t, CardKey> keys_; ///< by reference
    bool application_selected_ = false;
    std::optional<SecurityEnvironment> environment_;
};

} // namespace digisign::virtual_card
