// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/request_options.hpp"

#include <utility>

namespace digisign::client {

Dictionary to_dictionary(const RequestOptions& options) {
    Dictionary dictionary;
    for (const auto& [key, value] :
         {std::pair("agent", &options.agent), std::pair("document", &options.document),
          std::pair("requester", &options.requester)})
        if (!value->empty())
            dictionary.emplace(key, *value);
    return dictionary;
}

} // namespace digisign::client
