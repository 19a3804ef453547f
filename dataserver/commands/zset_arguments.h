// What the sorted set commands share: scores and ranges as arguments, keys that hold sorted sets, replies
// with members.
#pragma once

#include <optional>
#include <string_view>

#include "dataserver/commands/handler.h"
#include "dataserver/store/zset_view.h"
#include "dataserver/store/zsets.h"

namespace ringhold {

// Each of these replies with an error where it returns nothing.
std::optional<double> score_argument(CommandContext& context, std::string_view text, std::string_view error);
std::optional<ScoreRange> score_range_argument(CommandContext& context, std::string_view min,
                                               std::string_view max);
std::optional<NameRange> name_range_argument(CommandContext& context, std::string_view min,
                                             std::string_view max);

// The sorted set at a key, to be read. `missing()` replies where there is no key.
template <typename Missing>
std::optional<ZsetView> zset_to_read(CommandContext& context, std::string_view key, Missing&& missing);

// True after replying with the error.
bool reply_if_wrong_type(CommandContext& context, const zsets::Zset& zset);

// A reply with members, with or without their scores: pairs in RESP3, flat in RESP2.
class MemberReply {
 public:
  MemberReply(CommandContext& context, std::size_t members, bool with_scores);
  void operator()(std::string_view member, double score);

 private:
  ReplyWriter& reply_;
  bool with_scores_;
};

// --- inline ---

// The entry of a key that is a sorted set; null after replying.
const Entry* zset_entry_or_reply(CommandContext& context, std::string_view key, bool& missing);

template <typename Missing>
std::optional<ZsetView> zset_to_read(CommandContext& context, std::string_view key, Missing&& missing) {
  bool is_missing = false;
  const Entry* entry = zset_entry_or_reply(context, key, is_missing);
  if (is_missing) missing();
  return entry == nullptr ? std::nullopt : std::optional<ZsetView>(*entry);
}

}  // namespace ringhold
