// SPDX-License-Identifier: LGPL-2.1-or-later
// IsoApplet: a free Java Card applet with a file system of ISO 7816-4 and the directories of ISO 7816-15.
// After its own source text; there are two generations in use.

#include "daemon/card/drivers/drivers.hpp"
#include "daemon/card/find_application.hpp"
#include "daemon/card/pkcs15/describe.hpp"
#include "daemon/card/pkcs15_card.hpp"
#include "daemon/card/public_data_cache.hpp"
#include "daemon/card/status_error.hpp"
#include "daemon/iso7816/aid.hpp"
#include "daemon/iso7816/commands.hpp"

#include <algorithm>
#include <iterator>

namespace digisign::card {

namespace {

/// GET DATA of generation 1. Generation 0 gives the same in answer to SELECT.
constexpr std::uint16_t tag_applet_information = 0x0101;
constexpr std::size_t applet_information_size = 3;

/// Bits of the third byte.
constexpr std::uint8_t feature_ec = 0x04;
constexpr std::uint8_t feature_pss = 0x08;

/// The algorithm byte of MSE SET.
constexpr std::uint8_t algorithm_rsa_pkcs1 = 0x11;
constexpr std::uint8_t algorithm_rsa_pss = 0x12;
constexpr std::uint8_t algorithm_ecdsa = 0x21;

struct Applet {
    std::uint8_t generation = 0;
    std::uint8_t minor = 0;
    std::uint8_t features = 0;

    /// Generation 1 knows no command chaining, generation 0 nothing else.
    LongData long_data() const { return generation == 0 ? LongData::Chained : LongData::Extended; }

    /// Generation 0 digests what it gets by SHA-1 before it signs, so that nothing else can be signed.
    bool signs_digests_with_ec() const { return generation > 0 && (features & feature_ec) != 0; }

    bool signs_with_pss() const { return generation > 0 && (features & feature_pss) != 0; }
};

std::optional<Applet> identify(Transaction& transaction) {
    auto response = find_application(transaction, iso7816::aid_isoapplet);
    if (!response)
        return std::nullopt;
    if (response->data.size() != applet_information_size)
        response = transaction.transmit(iso7816::get_data(tag_applet_information, applet_information_size));
    if (!response->is_success() || response->data.size() != applet_information_size)
        return std::nullopt;
    return Applet{response->data[0], response->data[1], response->data[2]};
}

class IsoAppletCard : public Pkcs15Card {
public:
    IsoAppletCard(CardDescription description, const Applet& applet)
        : Pkcs15Card(std::move(description), pkcs15::default_location()), applet_(applet) {}

    /// The applet; its files are found by their paths from there.
    void select_application(Transaction& transaction) override {
        expect_success(transaction.transmit(iso7816::select(iso7816::SelectBy::DfName, iso7816::aid_isoapplet,
                                                            iso7816::SelectAnswer::None)),
                       "select its application");
    }

    PinStatus pin_status(Transaction& transaction, const PinDescription& pin) override {
        PinStatus status = Pkcs15Card::pin_status(transaction, pin);
        status.verified = is_verified(transaction, pin);
        return status;
    }

    /// VERIFY without data gives the tries left whether the PIN was verified or not. PERFORM SECURITY
    /// OPERATION looks at that first, and then at which operation it is: there is none with P1 and P2 of 0.
    bool is_verified(Transaction& transaction, const PinDescription& pin) override {
        if (pin.role == PinRole::Puk)
            return false;
        const iso7816::CommandApdu no_operation{.ins = 0x2A, .data = {}, .le = std::nullopt};
        return transaction.transmit(no_operation).status == iso7816::sw::wrong_p1_p2;
    }

protected:
    bool signs_any_data() const override { return true; }

    Bytes security_environment(const KeyDescription& key, const KeyOperation& operation) const override {
        return {0x80, 0x01, algorithm_of(key, operation),
                0x84, 0x01, static_cast<std::uint8_t>(key.reference)};
    }

    LongData long_data() const override { return applet_.long_data(); }

private:
    static std::uint8_t algorithm_of(const KeyDescription& key, const KeyOperation& operation) {
        if (key.algorithm == KeyAlgorithm::Ec)
            return algorithm_ecdsa;
        const auto* signature = std::get_if<SignatureMechanism>(&operation);
        return signature != nullptr && signature->scheme == SignatureScheme::RsaPss ? algorithm_rsa_pss
                                                                                    : algorithm_rsa_pkcs1;
    }

    const Applet applet_;
};

void add_mechanisms(KeyDescription& key, const Applet& applet, std::vector<std::string>& warnings) {
    if (key.bits == 0)
        return;
    if (key.algorithm == KeyAlgorithm::Ec && !applet.signs_digests_with_ec()) {
        warnings.push_back("the key \"" + key.label + "\" cannot be used with this version of the applet");
        return;
    }
    key.mechanisms = digest_mechanisms(key.algorithm);
    if (key.algorithm == KeyAlgorithm::Ec)
        return;
    if (applet.signs_with_pss())
        std::ranges::copy(pss_mechanisms(key.bits), std::back_inserter(key.mechanisms));
    if (key.usage.decrypt || key.usage.unwrap)
        key.decipher_mechanisms = {{DecipherScheme::RsaPkcs1, Digest::None}};
}

CardDescription describe_card(const pkcs15::Objects& objects, const Applet& applet) {
    CardDescription description = pkcs15::describe(objects, pkcs15::default_location());
    description.driver = isoapplet_driver.name;
    description.generation =
        "IsoApplet " + std::to_string(applet.generation) + "." + std::to_string(applet.minor);
    description.model = description.generation;
    for (KeyDescription& key : description.keys)
        add_mechanisms(key, applet, description.warnings);
    return description;
}

std::unique_ptr<Card> open(Transaction& transaction, ByteView, PublicDataCache& cache) {
    const auto applet = identify(transaction);
    if (!applet)
        return nullptr;
    const pkcs15::Location location = pkcs15::default_location();
    BinaryReader reader(transaction);
    pkcs15::Objects objects;
    pkcs15::read_token_info(transaction, reader, location, objects);
    const auto cache_key = cache_key_of(isoapplet_driver.name, objects.token_info);
    if (cache_key)
        if (auto known = cache.find(*cache_key))
            return std::make_unique<IsoAppletCard>(std::move(*known), *applet);

    pkcs15::read_directories(transaction, reader, location, objects);
    CardDescription description = describe_card(objects, *applet);
    if (cache_key && objects.complete)
        cache.store(*cache_key, description);
    return std::make_unique<IsoAppletCard>(std::move(description), *applet);
}

} // namespace

// Java Cards of all makers carry it, so the ATR says nothing.
const Driver isoapplet_driver{.name = "isoapplet", .historical_bytes = {}, .priority = 5, .open = open};

} // namespace digisign::card
