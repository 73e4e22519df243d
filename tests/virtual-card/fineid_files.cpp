// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/fineid_files.hpp"

#include "tests/virtual-card/certificates.hpp"
#include "tests/virtual-card/pkcs15_directory.hpp"
#include "tests/virtual-card/tlv.hpp"

namespace digisign::virtual_card {

namespace {

// Labels and identifiers are those of the cards in circulation.
constexpr std::uint8_t authentication_id = 0x45;
constexpr std::uint8_t signature_id = 0x46;
constexpr std::uint8_t ec_signature_id = 0x47;
constexpr std::uint8_t issuing_id = 0x48;
constexpr std::uint8_t root_id = 0x49;

const Bytes master_file_path{0x3F, 0x00};
const Bytes signature_directory_path{0x3F, 0x00, 0x50, 0x16};

// Named bits of KeyUsageFlags, ISO/IEC 7816-15 §8.4.2.
constexpr unsigned usage_decipher = 1;
constexpr unsigned usage_sign = 2;
constexpr unsigned usage_unwrap = 5;
constexpr unsigned usage_derive = 8;
constexpr unsigned usage_non_repudiation = 9;

std::vector<PinObject> pins() {
    // Named bits of PasswordFlags: 1 local, 4 initialized, 5 needs-padding, 6 unblockingPassword.
    return {
        {"perustunnusluku", 0x01, 0x03, {4, 5}, 4, 12, 0x11, 0x00, master_file_path},
        {"allekirjoitustunnusluku", 0x02, 0x03, {1, 4, 5}, 6, 12, 0x82, 0x00, signature_directory_path},
        {"PUK", 0x03, std::nullopt, {1, 4, 5, 6}, 8, 12, 0x83, 0x00, master_file_path},
    };
}

std::vector<KeyObject> keys(FineidVersion version) {
    const KeyObject ec_authentication{"todentamis- ja salausavain",
                                      authentication_id,
                                      0x01,
                                      false,
                                      {usage_sign, usage_derive},
                                      0x01,
                                      master_file_path,
                                      false,
                                      384};
    const KeyObject ec_signature{
        "allekirjoitusavain",     signature_id, 0x02, true, {usage_non_repudiation}, 0x02,
        signature_directory_path, false,        384};
    const KeyObject rsa_authentication{"todentamis- ja salausavain",
                                       authentication_id,
                                       0x01,
                                       false,
                                       {usage_decipher, usage_sign, usage_unwrap},
                                       0x01,
                                       master_file_path,
                                       true,
                                       2048};
    const KeyObject rsa_signature{
        "allekirjoitusavain",     signature_id, 0x02, true, {usage_non_repudiation}, 0x02,
        signature_directory_path, true,         2048};
    const KeyObject p256_signature{
        "allekirjoitusavain (EC)", ec_signature_id, 0x02, true, {usage_non_repudiation}, 0x03,
        signature_directory_path,  false,           256};
    if (version == FineidVersion::V4)
        return {ec_authentication, ec_signature};
    return {rsa_authentication, rsa_signature, p256_signature};
}

std::vector<CertificateObject> holder_certificates(FineidVersion version) {
    std::vector<CertificateObject> list{
        {"todentamis- ja salausvarmenne", authentication_id, false, {0x3F, 0x00, 0x43, 0x31}},
        {"allekirjoitusvarmenne", signature_id, false, {0x3F, 0x00, 0x50, 0x16, 0x43, 0x32}}};
    if (version == FineidVersion::V3)
        list.push_back(
            {"allekirjoitusvarmenne (EC)", ec_signature_id, false, {0x3F, 0x00, 0x50, 0x16, 0x43, 0x35}});
    return list;
}

std::vector<CertificateObject> authority_certificates() {
    return {{"DigiSign TEST Root CA", root_id, true, {0x3F, 0x00, 0x43, 0x34}},
            {"DigiSign TEST Citizen Certificates", issuing_id, true, {0x3F, 0x00, 0x43, 0x36}}};
}

/// The newer cards write their number in letters and digits, the older ones twenty digits as BCD; the number
/// printed on the card is in the last nine characters, or in the nine digits behind the first ten.
Bytes card_serial_number(FineidVersion version, const std::string& printed) {
    if (version == FineidVersion::V4)
        return to_bytes("TEST24" + printed);
    Bytes number = *from_hex("92460000010" + printed.substr(0, 8) + "0");
    return number;
}

CardInfo information(FineidVersion version, const std::string& printed) {
    // Mechanisms of PKCS#11. FINEID gives a SEQUENCE as their parameters, where other issuers have NULL.
    constexpr unsigned rsa_pkcs = 0x0001;
    constexpr unsigned rsa_pss = 0x000D;
    constexpr unsigned ecdsa = 0x1041;
    constexpr unsigned compute_signature = 1;
    constexpr unsigned decipher = 5;
    const Bytes parameters = der_sequence({der_oid("2.16.840.1.101.3.4.2.1")});
    CardInfo info{card_serial_number(version, printed), "", "HENKILOKORTTI", "fi", {}};
    if (version == FineidVersion::V4) {
        info.manufacturer = "DVV-FINEID (TEST)";
        info.algorithms = {{1, ecdsa, parameters, {compute_signature}, 0x54},
                           {2, ecdsa, parameters, {compute_signature}, 0x44}};
    } else {
        info.manufacturer = "VRK-FINEID (TEST)";
        info.algorithms = {{1, rsa_pkcs, parameters, {compute_signature, decipher}, 0x42},
                           {2, rsa_pss, parameters, {compute_signature}, 0x45},
                           {3, ecdsa, parameters, {compute_signature}, 0x44}};
    }
    return info;
}

} // namespace

Bytes pkcs15_application_identifier() {
    return {0xA0, 0x00, 0x00, 0x00, 0x63, 0x50, 0x4B, 0x43, 0x53, 0x2D, 0x31, 0x35};
}

void build_fineid_files(FileSystem& files, FineidVersion version, const CardState& state) {
    const auto certificate = [&](const char* name) { return certificate_der(state.certificates.at(name)); };
    File& root = files.root();
    root.name = pkcs15_application_identifier();
    files.add_file(root, 0x2F00, application_template(root.name, "FINEID S4-1", master_file_path));
    files.add_file(
        root, 0x5031,
        object_directory({{8, {0x44, 0x01}}, {0, {0x44, 0x02}}, {4, {0x44, 0x03}}, {5, {0x44, 0x04}}}));
    files.add_file(root, 0x5032, card_info(information(version, state.serial_number)));
    files.add_file(root, 0x4401, pin_directory(pins()));
    files.add_file(root, 0x4402, private_key_directory(keys(version)));
    files.add_file(root, 0x4403, certificate_directory(holder_certificates(version)));
    files.add_file(root, 0x4404, certificate_directory(authority_certificates()));
    files.add_file(root, 0x4331, certificate("auth"));
    files.add_file(root, 0x4334, certificate("root"));
    files.add_file(root, 0x4336, certificate("issuing"));
    File& signature_directory = files.add_directory(root, 0x5016);
    files.add_file(signature_directory, 0x4332, certificate("sign"));
    if (version == FineidVersion::V3)
        files.add_file(signature_directory, 0x4335, certificate("sign-ec"));
}

} // namespace digisign::virtual_card
