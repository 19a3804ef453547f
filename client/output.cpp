#include "client/output.h"

#include <cstdio>

#include "client/format_json.h"
#include "client/format_redis_cli.h"
#include "common/base/limits.h"

namespace ringhold::client {

bool write_reply(const ReplyValue& reply, std::span<const std::string> args, OutputStyle output,
                 const Sink& sink) {
  if (output.format == OutputFormat::kTerminal && !replies_with_text(args)) {
    return write_for_terminal(reply, output.style, sink);
  }
  constexpr std::size_t kPieceBytes = 64 * limits::kKiB;
  const std::string text = render_reply(reply, args, output);
  for (std::size_t at = 0; at < text.size(); at += kPieceBytes) {
    if (!sink(std::string_view(text).substr(at, kPieceBytes))) return false;
  }
  return true;
}

std::string render_reply(const ReplyValue& reply, std::span<const std::string> args, OutputStyle output) {
  const OutputFormat format = output.format;
  if (format == OutputFormat::kJson) return format_json(reply) + "\n";
  if (replies_with_text(args)) {
    std::string text = format_raw(reply);
    // Redis's texts end their last line themselves; whichever does not is helped.
    if (!text.empty() && text.back() != '\n') text += '\n';
    return text;
  }
  return format == OutputFormat::kRaw ? format_raw(reply) + "\n" : format_for_terminal(reply, output.style);
}

bool print(const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

}  // namespace ringhold::client
