// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/pdf/object_encryption.hpp"

#include "common/bytes.hpp"
#include "common/error.hpp"
#include "documents/cms/aes.hpp"

#include <array>
#include <cstdint>
#include <numeric>
#include <utility>

namespace digisign::documents {

namespace {

// RC4 is written out because OpenSSL 3 has it only in its legacy provider, which need not be installed. It
// protects nothing any more; a document encrypted with it has to stay so.
std::string rc4(const std::string& key, std::string text) {
    std::array<std::uint8_t, 256> state{};
    std::iota(state.begin(), state.end(), std::uint8_t{0});
    std::uint8_t j = 0;
    for (std::size_t i = 0; i < state.size(); ++i) {
        j = static_cast<std::uint8_t>(j + state[i] + static_cast<std::uint8_t>(key[i % key.size()]));
        std::swap(state[i], state[j]);
    }
    std::uint8_t i = 0;
    j = 0;
    for (char& ch : text) {
        i = static_cast<std::uint8_t>(i + 1);
        j = static_cast<std::uint8_t>(j + state[i]);
        std::swap(state[i], state[j]);
        const auto sum = static_cast<std::uint8_t>(state[i] + state[j]);
        ch = static_cast<char>(static_cast<std::uint8_t>(ch) ^ state[sum]);
    }
    return text;
}

} // namespace

ObjectEncryption::ObjectEncryption(QPDF& document) {
    int permissions = 0;
    QPDF::encryption_method_e file_method = QPDF::e_none;
    if (!document.isEncrypted(revision_, permissions, version_, stream_method_, string_method_, file_method))
        return;
    // QPDF names no methods for the versions before crypt filters, which know RC4 only.
    if (version_ < 4)
        string_method_ = stream_method_ = QPDF::e_rc4;
    if (string_method_ == QPDF::e_unknown || stream_method_ == QPDF::e_unknown)
        throw Error(ErrorCode::PdfUnsupported, "the document is encrypted by an unknown method");
    file_key_ = document.getEncryptionKey();
}

std::string ObjectEncryption::encrypt_string(const std::string& plain, QPDFObjGen owner) const {
    return encrypt(string_method_, plain, owner);
}

std::string ObjectEncryption::encrypt_stream(const std::string& plain, QPDFObjGen owner) const {
    return encrypt(stream_method_, plain, owner);
}

std::string ObjectEncryption::encrypt(QPDF::encryption_method_e method, const std::string& plain,
                                      QPDFObjGen owner) const {
    if (method == QPDF::e_none)
        return plain;
    const bool use_aes = method != QPDF::e_rc4;
    const std::string key =
        QPDF::compute_data_key(file_key_, owner.getObj(), owner.getGen(), use_aes, version_, revision_);
    return use_aes ? to_string(aes_cbc_encrypt(as_bytes(key), as_bytes(plain))) : rc4(key, plain);
}

} // namespace digisign::documents
