#include "dataserver/commands/random_arguments.h"

#include <algorithm>
#include <limits>

#include "common/base/limits.h"
#include "common/base/text.h"
#include "dataserver/commands/arguments.h"

namespace ringhold {

std::optional<RandomArguments> random_arguments(CommandContext& context, std::string_view with_word) {
  constexpr std::int64_t kCountMax = std::numeric_limits<std::int64_t>::max();
  const auto args = context.args;
  const auto count = integer_argument(context, args[2]);
  if (!count) return std::nullopt;
  const bool with_values = args.size() == 4 && equals_ignore_case(args[3], with_word);
  std::string_view error;
  if (*count < -kCountMax) {
    error = "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807";
  } else if (args.size() > 3 && !with_values) {
    error = errors::kSyntax;
  } else if (with_values && (*count < -kCountMax / 2 || *count > kCountMax / 2)) {
    error = "ERR value is out of range";
  }
  if (!error.empty()) {
    context.reply.error(error);
    return std::nullopt;
  }
  return RandomArguments{.count = static_cast<std::size_t>(*count < 0 ? -*count : *count),
                         .repeated = *count < 0,
                         .with_values = with_values};
}

std::optional<std::size_t> picks_of(CommandContext& context, const RandomArguments& how, std::size_t size) {
  if (!how.repeated) return std::min(how.count, size);
  if (size == 0) return 0;
  if (how.count <= limits::kRandomPicksMax) return how.count;
  context.reply.error("ERR value is out of range");
  return std::nullopt;
}

}  // namespace ringhold
