// SPDX-License-Identifier: LGPL-2.1-or-later
// Aventra MyEID: a card of ISO 7816-15 whose keys are named by file identifier. After the MyEID reference
// manual, as quoted by public drivers.

#include "daemon/card/drivers/drivers.hpp"
#include "daemon/card/pkcs15/describe.hpp"
#include "daemon/card/pkcs15_card.hpp"
#include "daemon/card/public_data_cache.hpp"
#include "daemon/card/status_error.hpp"
#include "daemon/iso7816/ber_tlv.hpp"
#include "daemon/iso7816/commands.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace digisign::card {

namespace {

// "MyEID"; "OsEID" is an open implementation of the same command set.
constexpr std::string_view historical[] = {"4D 79 45 49 44", "4F 73 45 49 44"};

constexpr std::uint16_t tag_applet_information = 0x01A0;
constexpr std::size_t applet_information_size = 20;

/// GET DATA 01A0.
struct AppletInformation {
    std::array<std::uint8_t, 3> version;
    Bytes serial_number;
    Bytes change_counter;

    std::string version_text() const {
        return std::to_string(version[0]) + "." + std::to_string(version[1]) + "." +
               std::to_string(version[2]);
    }
    bool chains_commands() const { return version >= std::array<std::uint8_t, 3>{4, 5, 0}; }
};

std::optional<AppletInformation> read_applet_information(Transaction& transaction) {
    const auto response =
        transaction.transmit(iso7816::get_data(tag_applet_information, applet_information_size));
    if (!response.is_success() || response.data.size() < applet_information_size)
        return std::nullopt;
    const ByteView data = response.data;
    return AppletInformation{
        {data[5], data[6], data[7]}, to_bytes(data.subspan(8, 10)), to_bytes(data.subspan(18, 2))};
}

/// The algorithm byte of MSE SET.
constexpr std::uint8_t algorithm_rsa = 0x00;       ///< no padding
constexpr std::uint8_t algorithm_rsa_pkcs1 = 0x02; ///< in a signature around whatever it gets
constexpr std::uint8_t algorithm_ec = 0x04;

class MyEidCard : public Pkcs15Card {
public:
    MyEidCard(CardDescription description, pkcs15::Location location, bool chains)
        : Pkcs15Card(std::move(description), std::move(location)), chains_(chains) {}

    /// The card has a command of its own for this, DEAUTHENTICATE, which ends everything.
    bool log_out(Transaction& transaction, const PinSet& keep) override {
        const iso7816::CommandApdu command{.ins = 0x2E, .data = {}, .le = std::nullopt};
        expect_success(transaction.transmit(command), "end the login");
        return keep.empty();
    }

protected:
    Bytes security_environment(const KeyDescription& key, const KeyOperation& operation) const override {
        if (key.algorithm == KeyAlgorithm::Ec)
            return environment(key, algorithm_ec);
        return environment(key, is_padded_here(operation) ? algorithm_rsa : algorithm_rsa_pkcs1);
    }

    bool signs_any_data() const override { return true; }

    /// The applet knows no padding but PKCS#1 v1.5.
    bool is_padded_here(const KeyOperation& operation) const override {
        if (const auto* decipher = std::get_if<DecipherMechanism>(&operation))
            return decipher->scheme == DecipherScheme::RsaOaep;
        return std::get<SignatureMechanism>(operation).scheme == SignatureScheme::RsaPss;
    }

    /// Without command chaining a cryptogram that is too long comes in halves with indicators of their own.
    iso7816::SecretResponse transmit_cryptogram(Transaction& transaction,
                                                ByteView cryptogram) const override {
        if (chains_ || cryptogram.size() < iso7816::CommandApdu::short_data_max)
            return Pkcs15Card::transmit_cryptogram(transaction, cryptogram);
        using iso7816::PaddingIndicator;
        const std::size_t half = cryptogram.size() / 2;
        const auto first =
            transaction.transmit(iso7816::pso_decipher(PaddingIndicator{0x81}, cryptogram.first(half)));
        expect_success(first, "take the first half of a cryptogram");
        return transaction.transmit_for_secret(
            iso7816::pso_decipher(PaddingIndicator{0x82}, cryptogram.subspan(half)));
    }

    SecureBuffer compute_shared_secret(Transaction& transaction, const KeyDescription& key,
                                       ByteView peer_point) override {
        const auto selected = transaction.transmit(iso7816::manage_security_environment(
            iso7816::ReferenceTemplate::Authentication, environment(key, algorithm_ec)));
        expect_success(selected, "select the key for deriving");
        constexpr std::uint8_t external_public_key = 0x85;
        auto response = transaction.transmit_for_secret(iso7816::general_authenticate(
            /*ins=*/0x86, 0x00, 0x00, iso7816::encode_tlv(external_public_key, peer_point)));
        expect_success(response, "derive a key");
        return std::move(response.data);
    }

private:
    static Bytes environment(const KeyDescription& key, std::uint8_t algorithm) {
        if (key.path.size() < 2)
            throw Error(ErrorCode::CardDataInvalid,
                        "the card does not tell the file of key \"" + key.label + "\"");
        const ByteView file = ByteView(key.path).last(2);
        return {0x80, 0x01, algorithm, 0x81, 0x02, file[0], file[1], 0x84, 0x01, 0x00};
    }

    const bool chains_;
};

void add_mechanisms(KeyDescription& key, bool chains) {
    if (key.bits == 0)
        return;
    key.mechanisms = digest_mechanisms(key.algorithm);
    if (key.algorithm == KeyAlgorithm::Ec) {
        key.can_derive = key.usage.derive;
        return;
    }
    // A padded block is longer than one command, and halves are for cryptograms only.
    if (chains)
        std::ranges::copy(pss_mechanisms(key.bits), std::back_inserter(key.mechanisms));
    if (key.usage.decrypt || key.usage.unwrap)
        key.decipher_mechanisms = decipher_mechanisms(key.bits);
}

CardDescription describe_card(const pkcs15::Objects& objects, const pkcs15::Location& location,
                              const AppletInformation& applet) {
    CardDescription description = pkcs15::describe(objects, location);
    description.driver = myeid_driver.name;
    description.generation = "MyEID " + applet.version_text();
    description.model = description.generation;
    if (description.serial_number.empty())
        description.serial_number = to_hex(applet.serial_number);
    for (KeyDescription& key : description.keys)
        add_mechanisms(key, applet.chains_commands());
    return description;
}

std::unique_ptr<Card> open(Transaction& transaction, ByteView, PublicDataCache& cache) {
    const pkcs15::Location location = pkcs15::default_location();
    if (!pkcs15::select(transaction, location))
        return nullptr;
    const auto applet = read_applet_information(transaction);
    if (!applet)
        return nullptr;
    const CacheKey key{std::string(myeid_driver.name), applet->serial_number, applet->change_counter};
    if (auto known = cache.find(key))
        return std::make_unique<MyEidCard>(std::move(*known), location, applet->chains_commands());

    BinaryReader reader(transaction);
    pkcs15::Objects objects;
    pkcs15::read_token_info(transaction, reader, location, objects);
    pkcs15::read_directories(transaction, reader, location, objects);
    CardDescription description = describe_card(objects, location, *applet);
    if (objects.complete)
        cache.store(key, description);
    return std::make_unique<MyEidCard>(std::move(description), location, applet->chains_commands());
}

} // namespace

const Driver myeid_driver{.name = "myeid", .historical_bytes = historical, .priority = 10, .open = open};

} // namespace digisign::card
