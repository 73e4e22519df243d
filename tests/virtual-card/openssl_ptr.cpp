// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/openssl_ptr.hpp"

#include "common/error.hpp"

#include <openssl/err.h>

#include <array>

namespace digisign::virtual_card {

void require(bool succeeded, std::string_view what) {
    if (succeeded)
        return;
    std::array<char, 256> reason{};
    ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
    ERR_clear_error();
    throw Error(ErrorCode::Internal, std::string(what) + ": " + reason.data());
}

std::string bio_text(BIO* memory) {
    const char* text = nullptr;
    const long size = BIO_get_mem_data(memory, &text);
    return {text, static_cast<std::size_t>(size)};
}

} // namespace digisign::virtual_card
