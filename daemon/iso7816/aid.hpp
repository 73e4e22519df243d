// SPDX-License-Identifier: LGPL-2.1-or-later
// Application identifiers (ISO 7816-5) of the cards that are driven.

#pragma once

#include <array>
#include <cstdint>

namespace digisign::iso7816 {

/// RID A000000063 and "PKCS-15": the cryptographic information application, ISO 7816-15 section 5.4.
inline constexpr std::array<std::uint8_t, 12> aid_pkcs15{0xA0, 0x00, 0x00, 0x00, 0x63, 'P',
                                                         'K',  'C',  'S',  '-',  '1',  '5'};

/// IsoApplet.
inline constexpr std::array<std::uint8_t, 12> aid_isoapplet{0xF2, 0x76, 0xA2, 0x88, 0xBC, 0xFB,
                                                            0xA6, 0x9D, 0x34, 0xF3, 0x10, 0x01};

/// PIV (NIST SP 800-73-4 part 1 section 2.2), without the version at its end.
inline constexpr std::array<std::uint8_t, 9> aid_piv{0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00};

} // namespace digisign::iso7816
