// SPDX-License-Identifier: LGPL-2.1-or-later
// The cryptographic information application of a card (ISO 7816-15 section 5): where it is, and the reading
// of it.

#pragma once

#include "common/bytes.hpp"
#include "daemon/card/elementary_file.hpp"
#include "daemon/card/pkcs15/aodf.hpp"
#include "daemon/card/pkcs15/cdf.hpp"
#include "daemon/card/pkcs15/dodf.hpp"
#include "daemon/card/pkcs15/prkdf.hpp"
#include "daemon/card/pkcs15/pukdf.hpp"
#include "daemon/card/pkcs15/token_info.hpp"
#include "daemon/card/transaction.hpp"

#include <optional>
#include <string>
#include <vector>

namespace digisign::card::pkcs15 {

/// Where the application is. At least one of `aid` and `path` is known.
struct Location {
    Bytes aid;
    /// Of its DF, 3F00 first.
    Bytes path;
    Bytes odf_path{0x50, 0x31};
    Bytes token_info_path{0x50, 0x32};
};

/// The usual place, 3F00/5015.
Location default_location();

/// By EF.DIR; where there is none, by AID and then in the usual place. Empty if the card has no such
/// application.
std::optional<Location> locate(Transaction& transaction);

/// SELECT of the application; false if the card says there is none.
bool select(Transaction& transaction, const Location& location);

struct Data {
    DataObject object;
    Bytes value;
};

struct Certificate {
    CertificateObject object;
    Bytes der;
};

/// Everything public in the application.
struct Objects {
    TokenInfo token_info;
    std::vector<PinObject> pins;
    std::vector<PrivateKeyObject> private_keys;
    std::vector<PublicKeyObject> public_keys;
    std::vector<Certificate> certificates;
    std::vector<Data> data_objects;
    std::vector<std::string> warnings;
    /// False if the card refused to give a file; the next time it may not.
    bool complete = true;
};

/// EF.CIAInfo; what is not there or cannot be read is left empty.
void read_token_info(Transaction& transaction, BinaryReader& reader, const Location& location,
                     Objects& objects);

/// EF.OD and what it leads to, besides EF.CIAInfo. Throws Error(CardDataInvalid) if there is nothing usable.
void read_directories(Transaction& transaction, BinaryReader& reader, const Location& location,
                      Objects& objects);

} // namespace digisign::card::pkcs15
