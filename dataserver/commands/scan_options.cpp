#include "dataserver/commands/scan_options.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <string>

#include "common/base/glob.h"
#include "common/base/limits.h"
#include "common/base/text.h"
#include "dataserver/commands/arguments.h"

namespace ringhold {

bool ScanOptions::matches(std::string_view name) const {
  return !pattern || *pattern == "*" || glob_match(*pattern, name);
}

// As Redis's strtoul takes it: a sign may stand in front, nothing at all is 0.
std::optional<std::uint64_t> cursor_argument(CommandContext& context, std::string_view text) {
  const bool blank = !text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0;
  const std::string terminated(text);
  char* end = nullptr;
  errno = 0;
  const auto cursor = std::strtoull(terminated.c_str(), &end, 10);
  if (!blank && *end == '\0' && errno != ERANGE) return cursor;
  context.reply.error("ERR invalid cursor");
  return std::nullopt;
}

std::optional<ScanOptions> scan_options(CommandContext& context, std::size_t first, ScanOf of) {
  ScanOptions options;
  for (std::size_t i = first; i < context.args.size(); i += 2) {
    const std::string_view word = context.args[i];
    const bool has_value = i + 1 < context.args.size();
    if (has_value && equals_ignore_case(word, "count")) {
      const auto count = integer_argument(context, context.args[i + 1]);
      if (!count) return std::nullopt;
      if (*count >= 1) {
        options.count = std::min(static_cast<std::size_t>(*count), limits::kScanKeysMax);
        continue;
      }
    } else if (has_value && equals_ignore_case(word, "match")) {
      options.pattern = context.args[i + 1];
      continue;
    } else if (has_value && of == ScanOf::kKeys && equals_ignore_case(word, "type")) {
      options.type = context.args[i + 1];
      continue;
    }
    context.reply.error(errors::kSyntax);
    return std::nullopt;
  }
  return options;
}

void reply_scan_head(CommandContext& context, std::uint64_t cursor, std::size_t count) {
  context.reply.array(2);
  context.reply.bulk(std::to_string(cursor));
  context.reply.array(count);
}

}  // namespace ringhold
