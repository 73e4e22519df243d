// SPDX-License-Identifier: LGPL-2.1-or-later
// A card with any content: opening it must end, with a description or with an Error. The first byte of the
// input chooses the kind of card; then come the files, each after two bytes with its length.

#include "common/error.hpp"
#include "daemon/card/card.hpp"
#include "daemon/card/description_json.hpp"
#include "daemon/card/public_data_cache.hpp"
#include "daemon/card/transaction.hpp"
#include "daemon/iso7816/aid.hpp"
#include "tests/fakes/file_card.hpp"
#include "tests/fakes/tlv_writer.hpp"

#include <array>
#include <cstdlib>

namespace {

using namespace digisign;

struct Kind {
    const char* atr;
    const char* df; ///< of the application
};

constexpr std::array kinds{
    Kind{"3B020102", "5015"},                             // ISO 7816-15 in its usual place
    Kind{"3BF51800008131FE454D794549449A", "5015"},       // MyEID, without its GET DATA
    Kind{"3B7F9600008031B865B085050011122460829000", ""}, // FINEID
};

/// In the order in which the input gives them.
constexpr std::array files{"5031", "5032", "4401", "4402",     "4403", "4404",
                           "4406", "4501", "4331", "50164332", "4334"};

ByteView take_file(ByteView& input) {
    if (input.size() < 2)
        return {};
    const std::size_t length =
        std::min<std::size_t>(static_cast<std::size_t>(input[0] << 8 | input[1]), input.size() - 2);
    const ByteView content = input.subspan(2, length);
    input = input.subspan(2 + length);
    return content;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    ByteView input(data, size);
    const Kind& kind = kinds[input[0] % kinds.size()];
    const auto protocol = (input[0] & 0x80) != 0 ? card::Protocol::T0 : card::Protocol::T1;
    input = input.subspan(1);

    fakes::FileCard model(protocol);
    model.add_application(iso7816::aid_pkcs15, kind.df);
    for (const char* file : files)
        model.add_file(std::string(kind.df) + file, to_bytes(take_file(input)));
    model.add_file("2F00", to_bytes(input));

    fakes::CardChannel channel(protocol, model.model());
    card::Transaction transaction(channel);
    card::PublicDataCache cache("");
    try {
        const auto opened = card::open_card(transaction, fakes::hex(kind.atr), cache);
        // What was read can be stored as it is, and so be shown.
        if (card::description_from_json(card::to_json(opened->description())) != opened->description())
            std::abort();
    } catch (const Error&) { // what a damaged card comes to
    }
    return 0;
}
