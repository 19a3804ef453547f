#include "dataserver/commands/zset_arguments.h"

#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <string>

#include "dataserver/commands/arguments.h"

namespace ringhold {

namespace {

// A double as C's strtod reads one, blanks in front included, but not a NaN. `text` may be empty: that is 0.
// It ends at a NUL.
std::optional<double> parse_bound(std::string_view text) {
  const std::string terminated(text);
  char* end = nullptr;
  const double value = std::strtod(terminated.c_str(), &end);
  if (*end != '\0' || std::isnan(value)) return std::nullopt;
  return value;
}

// A double as scores are read: neither blanks nor anything else around it, no NaN, and nothing too large or
// too small for a double.
std::optional<double> parse_score(std::string_view text) {
  if (text.empty() || std::isspace(static_cast<unsigned char>(text.front())) != 0) return std::nullopt;
  const std::string terminated(text);
  char* end = nullptr;
  errno = 0;
  const double value = std::strtod(terminated.c_str(), &end);
  if (end != terminated.c_str() + terminated.size() || std::isnan(value)) return std::nullopt;
  if (errno == ERANGE && (std::isinf(value) || value == 0)) return std::nullopt;
  return value;
}

struct ScoreBound {
  double score;
  bool open;
};
std::optional<ScoreBound> parse_score_bound(std::string_view text) {
  const bool open = text.starts_with('(');
  const auto score = parse_bound(text.substr(open ? 1 : 0));
  if (!score) return std::nullopt;
  return ScoreBound{*score, open};
}

std::optional<NameBound> parse_name_bound(std::string_view text) {
  using Kind = NameBound::Kind;
  if (text.empty()) return std::nullopt;
  switch (text[0]) {
    case '[':
      return NameBound{Kind::kIncluded, text.substr(1)};
    case '(':
      return NameBound{Kind::kExcluded, text.substr(1)};
    case '-':
    case '+':
      // What Redis sees of the text ends at a NUL.
      if (text.size() > 1 && text[1] != '\0') return std::nullopt;
      return NameBound{text[0] == '-' ? Kind::kLowest : Kind::kHighest, {}};
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<double> score_argument(CommandContext& context, std::string_view text, std::string_view error) {
  const auto score = parse_score(text);
  if (!score) context.reply.error(error);
  return score;
}

std::optional<ScoreRange> score_range_argument(CommandContext& context, std::string_view min,
                                               std::string_view max) {
  const auto low = parse_score_bound(min);
  const auto high = parse_score_bound(max);
  if (low && high) return ScoreRange{low->score, high->score, low->open, high->open};
  context.reply.error("ERR min or max is not a float");
  return std::nullopt;
}

std::optional<NameRange> name_range_argument(CommandContext& context, std::string_view min,
                                             std::string_view max) {
  const auto low = parse_name_bound(min);
  const auto high = parse_name_bound(max);
  if (low && high) return NameRange{*low, *high};
  context.reply.error("ERR min or max not valid string range item");
  return std::nullopt;
}

const Entry* zset_entry_or_reply(CommandContext& context, std::string_view key, bool& missing) {
  const Place place = find(context, key, Use::kRead);
  missing = !place;
  if (!place || place.entry->type() == ValueType::kZset) return place.entry;
  context.reply.error(errors::kWrongType);
  return nullptr;
}

bool reply_if_wrong_type(CommandContext& context, const zsets::Zset& zset) {
  if (!zset.is_wrong_type()) return false;
  context.reply.error(errors::kWrongType);
  return true;
}

MemberReply::MemberReply(CommandContext& context, std::size_t members, bool with_scores)
    : reply_(context.reply), with_scores_(with_scores) {
  reply_.array(with_scores && reply_.version() == RespVersion::k2 ? 2 * members : members);
}

void MemberReply::operator()(std::string_view member, double score) {
  if (with_scores_ && reply_.version() == RespVersion::k3) reply_.array(2);
  reply_.bulk(member);
  if (with_scores_) reply_.number(score);
}

}  // namespace ringhold
