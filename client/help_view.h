// HELP in the interactive client, from the command table: no server is needed for it.
#pragma once

#include <span>
#include <string>

namespace ringhold::client {

// `topic`: nothing, a command ("set"), a command with its subcommand ("config get"), or a group ("@string").
std::string render_help(std::span<const std::string> topic, bool colours);

}  // namespace ringhold::client
