// SPDX-License-Identifier: LGPL-2.1-or-later
// Aventra MyEID: a card of ISO 7816-15 whose keys are named by file identifier. After the MyEID reference
// manual, as quoted by public drivers.

#include "daemon/card/drivers/drivers.hpp"
#include "daemon/card/pkcs15/describe.hpp"
#include "daemon/card/pkcs15_card.hpp"
#include "daemon/card/public_data_cache.hpp"
#include "daemon/card/status_error.hpp"
#include "daemon/iso7816/commands.hpp"

namespace digisign::card {

namespace {

// "MyEID"; "OsEID" is an open implementation of the same command set.
constexpr std::string_view historical[] = {"4D 79 45 49 44", "4F 73 45 49 44"};

constexpr std::uint16_t tag_applet_information = 0x01A0;
constexpr std::size_t applet_information_size = 20;

/// GET DATA 01A0.
struct AppletInformation {
    std::string version;
    Bytes serial_number;
    Bytes change_counter;
};

std::optional<AppletInformation> read_applet_information(Transaction& transaction) {
    const auto response =
        transaction.transmit(iso7816::get_data(tag_applet_information, applet_information_size));
    if (!response.is_success() || response.data.size() < applet_information_size)
        return std::nullopt;
    const ByteView data = response.data;
    const auto number = [&](std::size_t index) { return std::to_string(data[index]); };
    return AppletInformation{number(5) + "." + number(6) + "." + number(7), to_bytes(data.subspan(8, 10)),
                             to_bytes(data.subspan(18, 2))};
}

class MyEidCard : public Pkcs15Card {
public:
    using Pkcs15Card::Pkcs15Card;

    /// The card has a command of its own for this, DEAUTHENTICATE, which ends everything.
    bool log_out(Transaction& transaction, const PinSet& keep) override {
        const iso7816::CommandApdu command{.ins = 0x2E, .data = {}, .le = std::nullopt};
        expect_success(transaction.transmit(command), "end the login");
        return keep.empty();
    }

protected:
    Bytes security_environment(const KeyDescription& key) const override {
        if (key.path.size() < 2)
            throw Error(ErrorCode::CardDataInvalid,
                        "the card does not tell the file of key \"" + key.label + "\"");
        const std::uint8_t algorithm =
            key.algorithm == KeyAlgorithm::Ec ? 0x04 : 0x02; // 02: PKCS#1 of a DigestInfo
        const ByteView file = ByteView(key.path).last(2);
        return {0x80, 0x01, algorithm, 0x81, 0x02, file[0], file[1], 0x84, 0x01, 0x00};
    }
};

CardDescription describe_card(const pkcs15::Objects& objects, const pkcs15::Location& location,
                              const AppletInformation& applet) {
    CardDescription description = pkcs15::describe(objects, location);
    description.driver = myeid_driver.name;
    description.generation = "MyEID " + applet.version;
    description.model = description.generation;
    if (description.serial_number.empty())
        description.serial_number = to_hex(applet.serial_number);
    for (KeyDescription& key : description.keys)
        if (key.bits != 0)
            key.mechanisms = digest_mechanisms(key.algorithm);
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
        return std::make_unique<MyEidCard>(std::move(*known), location);

    BinaryReader reader(transaction);
    pkcs15::Objects objects;
    pkcs15::read_token_info(transaction, reader, location, objects);
    pkcs15::read_directories(transaction, reader, location, objects);
    CardDescription description = describe_card(objects, location, *applet);
    if (objects.complete)
        cache.store(key, description);
    return std::make_unique<MyEidCard>(std::move(description), location);
}

} // namespace

const Driver myeid_driver{.name = "myeid", .historical_bytes = historical, .priority = 10, .open = open};

} // namespace digisign::card
