// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/connection.hpp"

#include "common/runtime_dir.hpp"
#include "sdbus/private_socket.hpp"

namespace digisign::client {

PrivateConnection::PrivateConnection(PollLoop& loop) : Connection(loop) {
    attach(sdbus::connect_private_socket(private_socket_path(), connect_timeout),
           "the private socket of digisignd");
}

} // namespace digisign::client
