// SPDX-License-Identifier: LGPL-2.1-or-later
// Message digesting functions, PKCS#11 3.0 section 5.9, and random numbers, section 5.19.

#include "pkcs11/copy_out.hpp"
#include "pkcs11/gate.hpp"
#include "pkcs11/operation.hpp"

#include <algorithm>

using namespace digisign;
using namespace digisign::pkcs11;

namespace {

After finish(DigestOperation& operation, ByteView data, CK_BYTE_PTR digest, CK_ULONG_PTR length) {
    if (!has_room(digest_size(operation.digest), digest, length))
        return After::GoesOn;
    operation.input.add(data);
    copy_out<CK_BYTE>(operation.input.digest(), digest, length);
    return After::Over;
}

} // namespace

extern "C" {

CK_RV C_DigestInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism) {
    return with_module([&](Module& module) {
        if (mechanism == nullptr)
            return cancel_operation(module, session, &Session::digest);
        (void)module.place_of(session); // throws for a session whose card is gone
        const Digest digest = read_digest_mechanism(*mechanism);
        begin_operation(module, session, &Session::digest,
                        DigestOperation{Input(module.service(), digest), digest});
    });
}

CK_RV C_Digest(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG data_length, CK_BYTE_PTR digest,
               CK_ULONG_PTR length) {
    return with_module([&](Module& module) {
        with_operation(module, session, &Session::digest, [&](DigestOperation& operation) {
            if (operation.in_parts)
                throw Fault{CKR_OPERATION_NOT_INITIALIZED};
            return finish(operation, view_of(data, data_length), digest, length);
        });
    });
}

CK_RV C_DigestUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG length) {
    return with_module([&](Module& module) {
        with_operation(module, session, &Session::digest, [&](DigestOperation& operation) {
            operation.in_parts = true;
            operation.input.add(view_of(part, length));
            return After::GoesOn;
        });
    });
}

/// The value of a secret key is the application's to read; there is none that only could be digested.
CK_RV C_DigestKey(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE) {
    return with_module([&](Module& module) {
        with_operation(module, session, &Session::digest,
                       [](DigestOperation&) -> After { throw Fault{CKR_KEY_INDIGESTIBLE}; });
    });
}

CK_RV C_DigestFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR digest, CK_ULONG_PTR length) {
    return with_module([&](Module& module) {
        with_operation(module, session, &Session::digest,
                       [&](DigestOperation& operation) { return finish(operation, {}, digest, length); });
    });
}

/// The generator is the system's, which needs no seed from applications.
CK_RV C_SeedRandom(CK_SESSION_HANDLE session, CK_BYTE_PTR, CK_ULONG) {
    return with_module([&](Module& module) {
        (void)module.place_of(session); // as above
        throw Fault{CKR_RANDOM_SEED_NOT_SUPPORTED};
    });
}

CK_RV C_GenerateRandom(CK_SESSION_HANDLE session, CK_BYTE_PTR random, CK_ULONG length) {
    return with_module([&](Module& module) {
        (void)module.place_of(session); // as above
        if (random == nullptr && length != 0)
            throw Fault{CKR_ARGUMENTS_BAD};
        for (std::span<CK_BYTE> rest(random, length); !rest.empty();) {
            const std::size_t size = std::min(rest.size(), Service::max_data);
            const Bytes bytes = module.service()->random(static_cast<std::uint32_t>(size));
            if (bytes.size() != size)
                throw Fault{CKR_GENERAL_ERROR};
            std::ranges::copy(bytes, rest.begin());
            rest = rest.subspan(size);
        }
    });
}

} // extern "C"
