// The handlers behind execute_connection_command, one for each command that needs more than a line. Private
// to common/session.
#pragma once

#include <string_view>

#include "common/session/connection_commands.h"

namespace ringhold {

// handshake_commands.cpp
void handle_auth(ConnectionContext& context);
void handle_hello(ConnectionContext& context);
void handle_reset(ConnectionContext& context);

// client_commands.cpp
void handle_client_info(ConnectionContext& context);
void handle_client_reply(ConnectionContext& context);
void handle_client_setinfo(ConnectionContext& context);
void handle_client_setname(ConnectionContext& context);
// ON or OFF in the last argument.
void handle_client_switch(ConnectionContext& context, bool ClientState::*state);
// Redis's rule for names that stand in CLIENT LIST: printable ASCII without blanks; and a length. The error,
// a complete reply, says what was wrong with `what`, for example "Client names".
Result<void> check_client_attribute(std::string_view what, std::string_view text);

// command_info.cpp
void handle_command(ConnectionContext& context);
void handle_command_count(ConnectionContext& context);
void handle_command_info(ConnectionContext& context);
void handle_command_list(ConnectionContext& context);
// command_docs.cpp
void handle_command_docs(ConnectionContext& context);
// command_keys.cpp: COMMAND GETKEYS and GETKEYSANDFLAGS
void handle_command_getkeys(ConnectionContext& context);

// help_text.cpp
void handle_help(ConnectionContext& context);
// CLIENT HELP, CONFIG HELP, ...: any row named CONTAINER|help.
void handle_container_help(ConnectionContext& context);
void handle_lolwut(ConnectionContext& context);

inline constexpr std::string_view kSyntaxError = "ERR syntax error";

}  // namespace ringhold
