// The commands that concern the connection itself, answered alike by proxy and data server:
// PING ECHO HELLO AUTH QUIT RESET SELECT CLIENT (ID GETNAME SETNAME SETINFO INFO NO-EVICT NO-TOUCH REPLY)
// COMMAND (…) HELP LOLWUT READONLY READWRITE ASKING: every row with Routing::kConnection.
#pragma once

#include <span>
#include <string_view>

#include "common/command/command_table.h"
#include "common/resp/reply_writer.h"
#include "common/session/authenticator.h"
#include "common/session/client_state.h"

namespace ringhold {

// What HELLO and others say about this process.
struct ServerIdentity {
  std::string_view mode = "standalone";  // or "cluster"
  std::string_view kind = "dataserver";  // or "proxy"
};

struct ConnectionContext {
  const CommandRow& row;
  std::span<const std::string_view> args;
  ReplyWriter& reply;
  ClientState& client;
  const Authenticator& authenticator;
  const ServerIdentity& identity;
  MonoTime now;
};

// Precondition: row.routing == Routing::kConnection, arity and role were checked. Writes exactly one reply.
// HELLO 3 changes client.version; its own reply is in the new version already.
void execute_connection_command(ConnectionContext& context);

// One line of CLIENT LIST, as Redis 7 writes it, without the newline.
std::string client_info_line(const ClientState& client, MonoTime now);

}  // namespace ringhold
