#include "cluster/upstream/merge.h"

#include <algorithm>
#include <optional>

#include "common/base/check.h"
#include "common/base/text.h"
#include "common/resp/reply_parser.h"

namespace ringhold {

namespace {

constexpr std::string_view kNonsense =
    "ERR a shard's reply to a part of this command makes no sense; please report it";

bool is_error(std::string_view reply) {
  return !reply.empty() && reply.front() == '-';
}

std::optional<std::int64_t> integer_of(std::string_view reply) {
  if (reply.size() < 4 || reply.front() != ':') return std::nullopt;
  return parse_int64(reply.substr(1, reply.size() - 3));
}

// What goes wrong in a merge is an error reply; `out` has been left alone then.
bool sum(std::span<const GatherPart> parts, ReplyWriter& writer) {
  std::int64_t total = 0;
  for (const GatherPart& part : parts) {
    const auto value = integer_of(part.reply);
    if (!value) return false;
    total += *value;
  }
  writer.integer(total);
  return true;
}

bool in_order(std::span<const GatherPart> parts, ReplyWriter& writer) {
  std::vector<std::string_view> whole;
  for (const GatherPart& part : parts) {
    const auto elements = split_aggregate(part.reply);
    if (!elements || elements->size() != part.elements.size()) return false;
    for (std::size_t i = 0; i < elements->size(); ++i) {
      if (part.elements[i] >= whole.size()) whole.resize(part.elements[i] + 1);
      whole[part.elements[i]] = (*elements)[i];
    }
  }
  writer.array(whole.size());
  for (const std::string_view element : whole) writer.raw(element);
  return true;
}

bool concat(std::span<const GatherPart> parts, ReplyWriter& writer) {
  std::vector<std::string_view> whole;
  for (const GatherPart& part : parts) {
    const auto elements = split_aggregate(part.reply);
    if (!elements) return false;
    whole.insert(whole.end(), elements->begin(), elements->end());
  }
  writer.array(whole.size());
  for (const std::string_view element : whole) writer.raw(element);
  return true;
}

std::optional<std::uint64_t> cursor_of(std::string_view reply) {
  const auto decoded = decode_reply(reply);
  if (!decoded || decoded->kind != ReplyValue::Kind::kBulk) return std::nullopt;
  return parse_uint64(decoded->text);
}

struct ScanPage {
  std::uint64_t next = 0;
  std::vector<std::string_view> keys_and_positions;
};

std::optional<ScanPage> scan_page(std::string_view reply) {
  const auto halves = split_aggregate(reply);
  if (!halves || halves->size() != 2) return std::nullopt;
  const auto next = cursor_of((*halves)[0]);
  auto keys = split_aggregate((*halves)[1]);
  if (!next || !keys || keys->size() % 2 != 0) return std::nullopt;
  return ScanPage{*next, std::move(*keys)};
}

// All shards scan from the same cursor, and each gets as far as it gets. The merged page ends where the
// slowest one ended; what the others found beyond that will be found again, so it is left out here.
bool scan(std::span<const GatherPart> parts, ReplyWriter& writer) {
  std::vector<ScanPage> pages;
  std::uint64_t next = 0;  // 0: all of them are through
  for (const GatherPart& part : parts) {
    auto page = scan_page(part.reply);
    if (!page) return false;
    if (page->next != 0) next = next == 0 ? page->next : std::min(next, page->next);
    pages.push_back(std::move(*page));
  }
  std::vector<std::string_view> keys;
  for (const ScanPage& page : pages) {
    for (std::size_t i = 0; i < page.keys_and_positions.size(); i += 2) {
      const auto position = integer_of(page.keys_and_positions[i + 1]);
      if (!position) return false;
      if (next == 0 || static_cast<std::uint64_t>(*position) < next)
        keys.push_back(page.keys_and_positions[i]);
    }
  }
  writer.array(2);
  writer.bulk(std::to_string(next));
  writer.array(keys.size());
  for (const std::string_view key : keys) writer.raw(key);
  return true;
}

bool merge(Gather how, std::span<const GatherPart> parts, ReplyWriter& writer) {
  switch (how) {
    case Gather::kSum:
      return sum(parts, writer);
    case Gather::kInOrder:
      return in_order(parts, writer);
    case Gather::kConcat:
      return concat(parts, writer);
    case Gather::kScan:
      return scan(parts, writer);
    case Gather::kAllOk:
      writer.ok();
      return true;
    case Gather::kNone:
    case Gather::kRandom:
      break;
  }
  return false;
}

bool choose(std::span<const GatherPart> parts, std::uint64_t random, ReplyWriter& writer) {
  struct Candidate {
    std::string_view key;
    std::uint64_t weight;
  };
  std::vector<Candidate> candidates;
  std::uint64_t total = 0;
  for (const GatherPart& part : parts) {
    const auto halves = split_aggregate(part.reply);
    if (!halves || halves->size() != 2) return false;
    const auto count = integer_of((*halves)[1]);
    if (!count || *count < 0) return false;
    const std::string_view key = (*halves)[0];
    const bool none = key == "$-1\r\n" || key == "_\r\n";  // though it may count keys that have expired
    if (none || *count == 0) continue;
    candidates.push_back({key, static_cast<std::uint64_t>(*count)});
    total += candidates.back().weight;
  }
  if (candidates.empty()) {
    writer.null();
    return true;
  }
  std::uint64_t pick = random % total;
  std::size_t at = 0;
  while (pick >= candidates[at].weight) pick -= candidates[at++].weight;
  writer.raw(candidates[at].key);
  return true;
}

bool wrote_error(std::span<const GatherPart> parts, ReplyWriter& writer) {
  const auto found =
      std::find_if(parts.begin(), parts.end(), [](const GatherPart& part) { return is_error(part.reply); });
  if (found != parts.end()) writer.raw(found->reply);
  return found != parts.end();
}

}  // namespace

void merge_replies(Gather how, std::span<const GatherPart> parts, RespVersion resp, ByteBuffer& out) {
  INVARIANT(!parts.empty());
  ReplyWriter writer(out, resp);
  if (!wrote_error(parts, writer) && !merge(how, parts, writer)) writer.error(kNonsense);
}

void choose_key(std::span<const GatherPart> parts, std::uint64_t random, RespVersion resp, ByteBuffer& out) {
  ReplyWriter writer(out, resp);
  if (!wrote_error(parts, writer) && !choose(parts, random, writer)) writer.error(kNonsense);
}

}  // namespace ringhold
