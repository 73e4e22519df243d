// SPDX-License-Identifier: LGPL-2.1-or-later
// Many threads of one host.

#include "tests/pkcs11/functions.hpp"
#include "tests/pkcs11/rig.hpp"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <thread>

using namespace digisign;
using namespace digisign::test;

namespace {

template <auto release>
struct Releaser {
    template <class Handle>
    void operator()(Handle* handle) const noexcept {
        release(handle);
    }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Releaser<EVP_PKEY_CTX_free>>;
using SignaturePtr = std::unique_ptr<ECDSA_SIG, Releaser<ECDSA_SIG_free>>;

/// What OpenSSL says of an ECDSA signature as PKCS#11 has it, r‖s.
bool verifies(EVP_PKEY* key, const Bytes& digest, const Bytes& signature) {
    const auto half = static_cast<int>(signature.size() / 2);
    const SignaturePtr parts(ECDSA_SIG_new());
    ECDSA_SIG_set0(parts.get(), BN_bin2bn(signature.data(), half, nullptr),
                   BN_bin2bn(signature.data() + half, half, nullptr));
    unsigned char* encoded = nullptr;
    const int length = i2d_ECDSA_SIG(parts.get(), &encoded);
    const KeyContextPtr context(EVP_PKEY_CTX_new(key, nullptr));
    const bool good = length > 0 && EVP_PKEY_verify_init(context.get()) == 1 &&
                      EVP_PKEY_verify(context.get(), encoded, static_cast<std::size_t>(length), digest.data(),
                                      digest.size()) == 1;
    OPENSSL_free(encoded);
    return good;
}

/// Data that no other thread, and no other call, has signed.
Bytes digest_of(unsigned thread, unsigned call) {
    Bytes digest(32, 0x5A);
    digest[0] = static_cast<std::uint8_t>(thread);
    digest[1] = static_cast<std::uint8_t>(call);
    return digest;
}

} // namespace

TEST_CASE("threads__64_of_them_sign_200_times__each_gets_its_own_signatures") {
    rig("reset");
    const Host host;
    const CK_SLOT_ID slot = host.slot();
    const Context context = make_context(host, slot);
    const Bytes spki = host.attribute(context.session, context.ec_public, CKA_PUBLIC_KEY_INFO);
    const unsigned char* der = spki.data();
    const KeyPtr key(d2i_PUBKEY(nullptr, &der, static_cast<long>(spki.size())));
    REQUIRE(key);

    constexpr unsigned thread_count = 64;
    constexpr unsigned calls = 200;
    std::atomic<unsigned> failed{0};
    std::atomic<unsigned> wrong{0};
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < thread_count; ++t)
        threads.emplace_back([&, t, session = host.open_session(slot)] {
            for (unsigned i = 0; i < calls; ++i) {
                const Bytes digest = digest_of(t, i);
                Bytes signature;
                if (host.sign(session, context.ec_private, digest, signature) != CKR_OK)
                    ++failed;
                else if (!verifies(key.get(), digest, signature))
                    ++wrong;
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    CHECK(failed == 0);
    CHECK(wrong == 0);
}

TEST_CASE("threads__card_is_pulled_under_them__all_come_back") {
    rig("reset");
    const Host host;
    const CK_SLOT_ID slot = host.slot();
    const Context context = make_context(host, slot);
    std::atomic<unsigned> unexpected{0};
    std::vector<std::thread> threads;
    rig("begin_count");
    for (unsigned t = 0; t < 16; ++t)
        threads.emplace_back([&, t, session = host.open_session(slot)] {
            CK_RV result = CKR_OK;
            for (unsigned i = 0; result == CKR_OK; ++i) {
                Bytes signature;
                result = host.sign(session, context.ec_private, digest_of(t, i), signature);
            }
            if (result != CKR_DEVICE_REMOVED && result != CKR_SESSION_HANDLE_INVALID)
                ++unexpected;
        });
    rig("wait_for_apdu");
    rig("remove");
    for (std::thread& thread : threads)
        thread.join();
    CHECK(unexpected == 0);
    rig("insert");
    const Context again = make_context(host, host.slot());
    Bytes signature;
    CHECK(text_of(host.sign(again.session, again.ec_private, digest_of(0, 0), signature)) == text_of(CKR_OK));
}
