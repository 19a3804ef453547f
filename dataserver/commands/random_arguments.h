// The arguments that HRANDFIELD, SRANDMEMBER and ZRANDMEMBER share.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "dataserver/commands/handler.h"
#include "dataserver/store/random_pick.h"

namespace ringhold {

struct RandomArguments {
  std::size_t count = 1;
  bool repeated = false;     // the same member may come again
  bool with_values = false;  // or scores
};

// count [WITHVALUES], from the third argument on; `with_word` is that word, empty if there is none. Empty
// after replying with an error.
std::optional<RandomArguments> random_arguments(CommandContext& context, std::string_view with_word);

// The number of picks from so many members. Empty after replying that they are too many: a negative count is
// not bounded by what there is.
std::optional<std::size_t> picks_of(CommandContext& context, const RandomArguments& how, std::size_t size);

// Visits the picks, as const Item*. Precondition: the source is not empty.
template <typename Source, typename Visit>
void pick(const Source& source, const RandomArguments& how, std::uint64_t seed, Visit&& visit) {
  RandomSequence random(seed);
  if (!how.repeated) return pick_distinct(source, how.count, random, visit);
  for (std::size_t i = 0; i < how.count; ++i) visit(pick_one(source, random));
}

}  // namespace ringhold
