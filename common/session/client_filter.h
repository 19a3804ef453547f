// Which of a process's clients a CLIENT LIST or CLIENT KILL means.
//
// A plain value, so that a proxy can parse it once and apply it to the clients of all its workers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/session/client_state.h"

namespace ringhold {

// Every condition that is set must hold.
struct ClientFilter {
  std::vector<std::uint64_t> ids;            // one of these; empty: any
  std::optional<std::string> address;        // ADDR ip:port
  std::optional<std::string> local_address;  // LADDR ip:port
  std::optional<std::string> user;
  std::optional<std::int64_t> older_than_seconds;  // MAXAGE
  bool nobody = false;  // TYPE master, replica or pubsub: Ringhold has no such clients
  bool skip_me = true;  // SKIPME: not the client that asks

  bool matches(const ClientState& client, std::uint64_t my_id, MonoTime now) const;
};

// CLIENT LIST [TYPE type] [ID id ...]; `args` is the whole command. Errors are complete replies in Redis's
// words.
Result<ClientFilter> parse_client_list(std::span<const std::string_view> args);

// CLIENT KILL, either form. The old form (CLIENT KILL ip:port) kills one client, itself not excepted, and is
// answered with OK or an error instead of a number.
struct ClientKill {
  ClientFilter filter;
  bool old_form = false;
};
Result<ClientKill> parse_client_kill(std::span<const std::string_view> args);

}  // namespace ringhold
