// The flags that data server and proxy have in common.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/base/limits.h"
#include "common/base/result.h"
#include "common/cli/command_line.h"
#include "common/net/tls_context.h"
#include "common/reactor/address.h"
#include "common/session/authenticator.h"

namespace ringhold {

struct ServerFlags {
  Address addr{"127.0.0.1", 9443};
  std::optional<Address> advertise;
  TlsOptions tls{"certs/server.crt", "certs/server.key", "certs/ca.crt", ClientAuth::kRequired};
  std::string password_file;
  std::uint32_t connections_max = limits::kConnectionsMax;
  std::uint32_t connections_per_address_max = limits::kConnectionsPerAddressMax;
  std::chrono::milliseconds deadline{2000};
};

void declare(CommandLine& line, ServerFlags& flags);

// What single flags cannot tell; an error is one of usage.
Result<void> check(const ServerFlags& flags);

// Reads --password-file, which must be for its owner alone (mode 0600); an empty path means none.
Result<std::shared_ptr<const Authenticator>> load_password_file(const std::string& path);

}  // namespace ringhold
