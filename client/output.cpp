#include "client/output.h"

#include <cstdio>

#include "client/format_json.h"
#include "client/format_redis_cli.h"

namespace ringhold::client {

std::string render_reply(const ReplyValue& reply, std::span<const std::string> args, OutputFormat format) {
  if (format == OutputFormat::kJson) return format_json(reply) + "\n";
  if (replies_with_text(args)) {
    std::string text = format_raw(reply);
    // Redis's texts end their last line themselves; whichever does not is helped.
    if (!text.empty() && text.back() != '\n') text += '\n';
    return text;
  }
  return format == OutputFormat::kRaw ? format_raw(reply) + "\n" : format_for_terminal(reply);
}

bool print(const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

}  // namespace ringhold::client
