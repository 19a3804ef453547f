// Reaching a server by TCP, within a deadline.
#pragma once

#include <atomic>

#include "client/tls_connection.h"
#include "common/base/result.h"
#include "common/reactor/address.h"

namespace ringhold::client {

// A connected, non-blocking socket, owned by the caller. Tries every address of the host in turn.
// Errors are sentences without the address in front.
Result<int> tcp_connect(const Address& address, Deadline deadline, const std::atomic<bool>* interrupt);

// poll(2) on one socket until one of `events`, the deadline or the interrupt: the events, or 0 at the
// deadline.
Result<short> poll_socket(int socket, short events, Deadline deadline, const std::atomic<bool>* interrupt);

}  // namespace ringhold::client
