// How replies are shown, and where.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "client/format_redis_cli.h"
#include "client/style.h"
#include "common/resp/reply_parser.h"

namespace ringhold::client {

enum class OutputFormat : std::uint8_t {
  kTerminal,  // for people, as redis-cli shows it on a terminal
  kRaw,       // the bytes, as redis-cli writes them into a pipe
  kJson,      // one document per line
};

struct OutputStyle {
  OutputFormat format = OutputFormat::kTerminal;
  Style style;
};

// All that is to be printed for the reply to `args`.
std::string render_reply(const ReplyValue& reply, std::span<const std::string> args, OutputStyle output);
// The same in pieces; false if the sink wanted no more.
bool write_reply(const ReplyValue& reply, std::span<const std::string> args, OutputStyle output,
                 const Sink& sink);

// Writes to stdout. False if it is closed.
bool print(const std::string& text);

}  // namespace ringhold::client
