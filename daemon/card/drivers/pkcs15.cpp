// SPDX-License-Identifier: LGPL-2.1-or-later
// Any card with the application of ISO 7816-15 (PKCS#15) that no other driver claimed.

#include "daemon/card/drivers/drivers.hpp"
#include "daemon/card/pkcs15/describe.hpp"
#include "daemon/card/pkcs15_card.hpp"
#include "daemon/card/public_data_cache.hpp"

#include <algorithm>
#include <optional>

namespace digisign::card {

namespace {

// CKM_RSA_PKCS and CKM_ECDSA of PKCS#11, by which AlgorithmInfo names what the card computes.
constexpr std::int64_t ckm_rsa_pkcs = 0x00000001;
constexpr std::int64_t ckm_ecdsa = 0x00001041;

/// The card's name for signing a DigestInfo or a digest with this key, or for deciphering with PKCS#1 v1.5,
/// if TokenInfo gives one.
std::optional<std::uint8_t> algorithm_reference(const pkcs15::TokenInfo& token_info, KeyAlgorithm algorithm,
                                                const KeyOperation& operation) {
    const std::int64_t wanted = algorithm == KeyAlgorithm::Ec ? ckm_ecdsa : ckm_rsa_pkcs;
    const bool to_decipher = std::holds_alternative<DecipherMechanism>(operation);
    for (const pkcs15::AlgorithmInfo& info : token_info.supported_algorithms)
        if (info.algorithm == wanted && (to_decipher ? info.deciphers : info.computes_signature) &&
            info.algorithm_reference)
            return info.algorithm_reference;
    return std::nullopt;
}

/// A card that lists its algorithms deciphers with those that it says so of; for one that lists none, the
/// keys' usage has to do.
bool may_decipher(const pkcs15::TokenInfo& token_info, const KeyDescription& key) {
    const auto& algorithms = token_info.supported_algorithms;
    return key.algorithm == KeyAlgorithm::Rsa && (key.usage.decrypt || key.usage.unwrap) &&
           (algorithms.empty() || std::ranges::any_of(algorithms, [](const pkcs15::AlgorithmInfo& info) {
                return info.algorithm == ckm_rsa_pkcs && info.deciphers;
            }));
}

class GenericCard : public Pkcs15Card {
public:
    GenericCard(CardDescription description, pkcs15::Location location, pkcs15::TokenInfo token_info)
        : Pkcs15Card(std::move(description), std::move(location)), token_info_(std::move(token_info)) {}

protected:
    Bytes security_environment(const KeyDescription& key, const KeyOperation& operation) const override {
        Bytes environment;
        if (const auto algorithm = algorithm_reference(token_info_, key.algorithm, operation))
            environment = {0x80, 0x01, *algorithm};
        append(environment, Pkcs15Card::security_environment(key, operation));
        return environment;
    }

private:
    const pkcs15::TokenInfo token_info_;
};

CardDescription describe_card(const pkcs15::Objects& objects, const pkcs15::Location& location) {
    CardDescription description = pkcs15::describe(objects, location);
    description.driver = pkcs15_driver.name;
    for (KeyDescription& key : description.keys)
        if (key.bits != 0) {
            key.mechanisms = digest_mechanisms(key.algorithm);
            if (may_decipher(objects.token_info, key))
                key.decipher_mechanisms = {{DecipherScheme::RsaPkcs1, Digest::None}};
        }
    return description;
}

std::unique_ptr<Card> open(Transaction& transaction, ByteView, PublicDataCache& cache) {
    const auto location = pkcs15::locate(transaction);
    if (!location)
        return nullptr;
    BinaryReader reader(transaction);
    pkcs15::Objects objects;
    pkcs15::read_token_info(transaction, reader, *location, objects);

    const pkcs15::TokenInfo token_info = objects.token_info;
    const auto cache_key = cache_key_of(pkcs15_driver.name, token_info);
    if (cache_key)
        if (auto known = cache.find(*cache_key))
            return std::make_unique<GenericCard>(std::move(*known), *location, token_info);

    pkcs15::read_directories(transaction, reader, *location, objects);
    CardDescription description = describe_card(objects, *location);
    if (cache_key && objects.complete)
        cache.store(*cache_key, description);
    return std::make_unique<GenericCard>(std::move(description), *location, token_info);
}

} // namespace

const Driver pkcs15_driver{.name = "pkcs15", .historical_bytes = {}, .priority = 0, .open = open};

} // namespace digisign::card
