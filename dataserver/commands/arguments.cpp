#include "dataserver/commands/arguments.h"

#include <fmt/core.h>

#include "common/base/text.h"

namespace ringhold {

std::optional<std::int64_t> integer_argument(CommandContext& context, std::string_view text) {
  const auto value = parse_int64(text);
  if (!value) context.reply.error(errors::kNotInteger);
  return value;
}

std::optional<std::int64_t> bounded_argument(CommandContext& context, std::string_view text, std::int64_t min,
                                             std::string_view error) {
  const auto value = parse_int64(text);
  if (value && *value >= min) return value;
  context.reply.error(error);
  return std::nullopt;
}

void reply_invalid_expire(CommandContext& context, std::string_view command) {
  context.reply.error(fmt::format("ERR invalid expire time in '{}' command", command));
}

}  // namespace ringhold
