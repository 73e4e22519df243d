// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/cms/openssl_ptr.hpp"

#include <openssl/err.h>

#include <string>

namespace digisign::documents {

Error openssl_error(std::string_view doing_what) {
    std::string message(doing_what);
    if (const char* reason = ERR_reason_error_string(ERR_peek_last_error()))
        message += std::string(": ") + reason;
    ERR_clear_error();
    return {ErrorCode::Internal, message};
}

} // namespace digisign::documents
