#include "tests/golden/raft_text.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/base/text.h"

namespace ringhold::golden {

using namespace raft;

namespace {

constexpr std::size_t kShown = 4;  // entries in a row that are like each other

std::string text_of(const Entry& entry) {
  const std::string at = golden::text_of(entry.position);
  if (entry.kind == EntryKind::kNothing) return at + " no-op";
  if (entry.kind == EntryKind::kMembership) {
    const auto membership = decode_membership(entry.payload ? *entry.payload : "");
    return fmt::format("{} members({})", at, membership.ok() ? golden::text_of(*membership) : "damaged");
  }
  return entry.payload_bytes() == 0 ? at : fmt::format("{} \"{}\"", at, *entry.payload);
}

bool is_plain(const Entry& entry) {
  return entry.kind == EntryKind::kCommand && entry.payload_bytes() == 0;
}

std::string text_of_snapshot(const SnapshotMeta& snapshot) {
  return fmt::format("s{}", snapshot.id.bytes[15]);
}

struct BodyText {
  std::string operator()(const VoteRequest& m) const {
    return fmt::format("{} last {}{}", m.pre ? "pre-vote?" : "vote?", golden::text_of(m.last),
                       m.transfer ? ", by order of the leader" : "");
  }
  std::string operator()(const VoteReply& m) const {
    return fmt::format("{} {}", m.pre ? "pre-vote" : "vote",
                       m.removed   ? "refused: removed"
                       : m.granted ? "granted"
                                   : "refused");
  }
  std::string operator()(const AppendRequest& m) const {
    const std::string entries = m.entries.empty() ? "" : ": " + golden::text_of(m.entries);
    return fmt::format("append after {}{}; commit {}", golden::text_of(m.previous), entries, m.commit.value);
  }
  std::string operator()(const AppendReply& m) const {
    if (m.accepted) return fmt::format("ack {}", m.match.value);
    return fmt::format("reject {}, at most {}", m.previous.value, golden::text_of(m.hint));
  }
  std::string operator()(const Heartbeat& m) const {
    return fmt::format("heartbeat {}; commit {}", m.round, m.commit.value);
  }
  std::string operator()(const HeartbeatReply& m) const { return fmt::format("heard {}", m.round); }
  std::string operator()(const TimeoutNow& /*m*/) const { return "campaign-now"; }
  std::string operator()(const SnapshotChunk& m) const {
    if (m.data == nullptr) {
      return fmt::format("offer {} of {}, {} bytes", text_of_snapshot(m.snapshot),
                         golden::text_of(m.snapshot.position), m.snapshot.bytes);
    }
    return fmt::format("chunk {} from {}: {} bytes", text_of_snapshot(m.snapshot), m.offset, m.data->size());
  }
  std::string operator()(const SnapshotReply& m) const {
    const int number = m.snapshot.bytes[15];
    switch (m.status) {
      case SnapshotReply::Status::kGoOn:
        return fmt::format("got s{} up to {}", number, m.next_offset);
      case SnapshotReply::Status::kInstalled:
        return fmt::format("installed s{}, match {}", number, m.match.value);
      case SnapshotReply::Status::kUnusable:
        return fmt::format("unusable s{}", number);
    }
    return "?";
  }
};

}  // namespace

ReplicaId replica(std::uint8_t number) {
  ReplicaId id;
  id.value.bytes[15] = number;
  return id;
}

std::uint8_t number_of(ReplicaId id) {
  return id.value.bytes[15];
}

Id128 snapshot_id(std::uint8_t number) {
  Id128 id;
  id.bytes[0] = 0x5A;
  id.bytes[15] = number;
  return id;
}

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> found;
  while (true) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin == std::string_view::npos) return found;
    line.remove_prefix(begin);
    const std::size_t end = std::min(line.find(' '), line.size());
    found.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

std::optional<Position> parse_position(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto index = parse_uint64(text.substr(0, dot));
  const auto term = parse_uint64(text.substr(dot + 1));
  if (!index || !term) return std::nullopt;
  return Position{{*index}, {*term}};
}

std::optional<std::vector<Entry>> parse_entries(const std::vector<std::string_view>& texts) {
  std::vector<Entry> entries;
  for (const std::string_view text : texts) {
    const std::size_t dots = text.find("..");
    const auto first = parse_position(text.substr(0, dots));
    const auto last = dots == std::string_view::npos ? first : parse_position(text.substr(dots + 2));
    if (!first || !last || last->term != first->term || last->index < first->index) return std::nullopt;
    for (LogIndex index = first->index; index <= last->index; index = index.next()) {
      if (!entries.empty() && index != entries.back().position.index.next()) return std::nullopt;
      if (!entries.empty() && first->term < entries.back().position.term) return std::nullopt;
      entries.push_back({{index, first->term}, EntryKind::kCommand, nullptr});
    }
  }
  return entries;
}

std::string text_of(Position position) {
  return fmt::format("{}.{}", position.index.value, position.term.value);
}

std::string text_of(const std::vector<Entry>& entries) {
  std::string text;
  for (std::size_t i = 0; i < entries.size();) {
    std::size_t end = i + 1;
    const bool plain = is_plain(entries[i]);
    while (plain && end < entries.size() && is_plain(entries[end]) &&
           entries[end].position.term == entries[i].position.term) {
      ++end;
    }
    if (end - i < kShown) end = i + 1;
    if (!text.empty()) text += ", ";
    text += text_of(entries[i]);
    if (end > i + 1) text += ".." + text_of(entries[end - 1]);
    i = end;
  }
  return text;
}

std::string text_of(const Membership& membership) {
  std::string voters;
  std::string learners;
  for (const Member& member : membership.members()) {
    const bool votes = member.role == MemberRole::kVoter;
    std::string& list = votes ? voters : learners;
    if (!list.empty()) list += ' ';
    list += std::to_string(number_of(member.id));
  }
  if (membership.empty()) return "nobody";
  return learners.empty() ? voters : voters + ", learner " + learners;
}

std::string text_of(const Vote& vote) {
  if (!vote.candidate) return fmt::format("no vote in term {}", vote.term.value);
  return fmt::format("vote for {} in term {}", number_of(*vote.candidate), vote.term.value);
}

std::string text_of(const MessageBody& body) {
  return std::visit(BodyText{}, body);
}

std::string text_of(const Message& message) {
  return fmt::format("{}->{} [{}] {}", number_of(message.from), number_of(message.to), message.term.value,
                     text_of(message.body));
}

std::string shorten(std::string text) {
  for (std::uint8_t number = 1; number < 16; ++number) {
    const std::string hex = replica(number).value.hex();
    for (std::size_t at = text.find(hex); at != std::string::npos; at = text.find(hex))
      text.replace(at, hex.size(), std::to_string(number));
  }
  return text;
}

}  // namespace ringhold::golden
