// SPDX-License-Identifier: LGPL-2.1-or-later
// The convention for results of variable length, PKCS#11 3.0 section 5.2.

#pragma once

#include "common/bytes.hpp"
#include "pkcs11/cryptoki.hpp"
#include "pkcs11/fault.hpp"

#include <algorithm>
#include <span>

namespace digisign::pkcs11 {

template <class Pointer>
void require(Pointer* pointer) {
    if (pointer == nullptr)
        throw Fault{CKR_ARGUMENTS_BAD};
}

/// Data that the application hands over; null only with a length of 0.
inline ByteView view_of(const CK_BYTE* data, CK_ULONG length) {
    if (data == nullptr && length != 0)
        throw Fault{CKR_ARGUMENTS_BAD};
    return {data, length};
}

/// Says how long the result is. Returns whether it is to be copied as well, since a buffer was given. Throws
/// Fault(CKR_BUFFER_TOO_SMALL).
template <class Element>
bool has_room(std::size_t size, const Element* buffer, CK_ULONG* length) {
    require(length);
    const CK_ULONG room = *length;
    *length = size;
    if (buffer == nullptr)
        return false;
    if (room < size)
        throw Fault{CKR_BUFFER_TOO_SMALL};
    return true;
}

template <class Element>
void copy_out(std::span<const Element> result, Element* buffer, CK_ULONG* length) {
    if (has_room(result.size(), buffer, length))
        std::ranges::copy(result, buffer);
}

} // namespace digisign::pkcs11
