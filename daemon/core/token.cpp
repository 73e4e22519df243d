// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/core/token.hpp"

#include "daemon/crypto/digest.hpp"
#include "daemon/crypto/ec_point.hpp"

#include <algorithm>

namespace digisign::core {

Token::Token(std::string id, CardSessionId session, ReaderName reader, card::CardDescription description)
    : id_(std::move(id)),
      session_(session),
      reader_(std::move(reader)),
      description_(std::move(description)) {
    for (const card::PinDescription& pin : description_.pins)
        pins_.push_back({*this, pin, std::nullopt});
    for (const card::CertificateDescription& certificate : description_.certificates) {
        try {
            const auto content = crypto::Certificate::from_der(certificate.der);
            const std::string fingerprint = to_hex(crypto::digest_of(Digest::Sha256, content.der()));
            certificates_.push_back(
                {*this, certificate, content, fingerprint, crypto::digest_of(Digest::Sha1, content.der())});
        } catch (const Error& error) {
            description_.warnings.push_back("certificate \"" + certificate.label + "\": " + error.what());
        }
    }
    for (const card::KeyDescription& key : description_.keys)
        keys_.push_back(make_key(key));
}

Key Token::make_key(const card::KeyDescription& description) const {
    const Certificate* certificate = find_certificate(description.id);
    crypto::PublicKey public_key = certificate != nullptr ? certificate->content.public_key()
                                                          : crypto::PublicKey::from_spki(description.spki);
    Bytes point = public_key.point().empty() ? Bytes() : crypto::encode_point(public_key.point());
    return {*this,
            description,
            std::move(public_key),
            certificate != nullptr ? certificate->content.subject_der() : Bytes(),
            crypto::encode_curve(description.curve),
            std::move(point)};
}

const Pin* Token::find_pin(std::uint8_t reference) const {
    const auto found =
        std::ranges::find(pins_, reference, [](const Pin& pin) { return pin.description.reference; });
    return found == pins_.end() ? nullptr : &*found;
}

card::PinDescription Token::puk_of(const Pin& pin) const {
    if (const Pin* puk = pin.description.puk_reference ? find_pin(*pin.description.puk_reference) : nullptr)
        return puk->description;
    card::PinDescription puk = pin.description;
    puk.role = card::PinRole::Puk;
    puk.label = "PUK of " + pin.description.label;
    return puk;
}

const Key* Token::find_key(ByteView id) const {
    const auto found = std::ranges::find_if(
        keys_, [id](const Key& key) { return std::ranges::equal(key.description.id, id); });
    return found == keys_.end() ? nullptr : &*found;
}

const Certificate* Token::find_certificate(ByteView key_id) const {
    const auto found = std::ranges::find_if(certificates_, [key_id](const Certificate& certificate) {
        return !certificate.description.authority && std::ranges::equal(certificate.description.id, key_id);
    });
    return found == certificates_.end() ? nullptr : &*found;
}

std::string Token::issuer() const {
    const auto holder = std::ranges::find_if(
        certificates_, [](const Certificate& certificate) { return !certificate.description.authority; });
    return holder == certificates_.end() ? std::string() : holder->content.issuer_common_name();
}

std::vector<const Pin*> Token::update(const std::vector<card::PinStatus>& statuses,
                                      card::ActivationState activation) {
    std::vector<const Pin*> changed;
    for (std::size_t i = 0; i < std::min(statuses.size(), pins_.size()); ++i) {
        if (pins_[i].status == statuses[i])
            continue;
        pins_[i].status = statuses[i];
        changed.push_back(&pins_[i]);
    }
    activation_ = activation;
    return changed;
}

bool Token::update_pin(std::uint8_t reference, const card::PinStatus& status) {
    const auto found =
        std::ranges::find(pins_, reference, [](const Pin& pin) { return pin.description.reference; });
    if (found == pins_.end() || found->status == status)
        return false;
    found->status = status;
    return true;
}

} // namespace digisign::core
