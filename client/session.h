// What all ways of running the client share: where to connect, and how to show what comes back.
#pragma once

#include "client/connection.h"
#include "client/output.h"
#include "common/net/tls_context.h"

namespace ringhold::client {

// Exit codes, as all of Ringhold's programs have them.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;  // an error reply, a lost connection
inline constexpr int kExitUsage = 2;

struct Session {
  TlsContextPtr tls;
  ConnectionOptions connection;
  OutputStyle output;
  bool colours_on_stderr = false;
};

// One line on stderr: "ringhold: <why>". Returns kExitFailed.
int report(const Error& why);

// Commands may wait on purpose for longer than any time-out (BLPOP).
bool may_block(std::span<const std::string> args);

}  // namespace ringhold::client
