// How replies are shown, and where.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "common/resp/reply_parser.h"

namespace ringhold::client {

enum class OutputFormat : std::uint8_t {
  kTerminal,  // for people, as redis-cli shows it on a terminal
  kRaw,       // the bytes, as redis-cli writes them into a pipe
  kJson,      // one document per line
};

// All that is to be printed for the reply to `args`.
std::string render_reply(const ReplyValue& reply, std::span<const std::string> args, OutputFormat format);

// Writes to stdout. False if it is closed.
bool print(const std::string& text);

}  // namespace ringhold::client
