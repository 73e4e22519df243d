// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/cms/aes.hpp"

#include "documents/cms/openssl_ptr.hpp"
#include "documents/cms/random.hpp"

namespace digisign::documents {

Bytes aes_cbc_encrypt(ByteView key, ByteView plain) {
    constexpr char failed[] = "cannot encrypt";
    constexpr std::size_t block_size = 16;
    if (key.size() != 16 && key.size() != 32)
        throw Error(ErrorCode::Internal, "an AES key has an unknown length");

    Bytes out = random_bytes(block_size);
    const CipherContextPtr context(openssl_check(EVP_CIPHER_CTX_new(), failed));
    const EVP_CIPHER* cipher = key.size() == 16 ? EVP_aes_128_cbc() : EVP_aes_256_cbc();
    openssl_check(EVP_EncryptInit_ex(context.get(), cipher, nullptr, key.data(), out.data()), failed);
    out.resize(out.size() + plain.size() + block_size);
    int updated = 0;
    openssl_check(EVP_EncryptUpdate(context.get(), out.data() + block_size, &updated, plain.data(),
                                    static_cast<int>(plain.size())),
                  failed);
    int finished = 0;
    openssl_check(EVP_EncryptFinal_ex(context.get(), out.data() + block_size + updated, &finished), failed);
    out.resize(block_size + static_cast<std::size_t>(updated + finished));
    return out;
}

} // namespace digisign::documents
