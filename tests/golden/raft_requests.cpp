// Directives for what a shell asks of its core, for forged messages, and for looking.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "common/base/text.h"
#include "tests/golden/raft_script.h"
#include "tests/golden/raft_text.h"

namespace ringhold::golden {

using namespace raft;

// propose 1 x y z
bool RaftScript::propose(const Words& words) {
  if (node_up(words) == nullptr || words.size() < 2) return false;
  for (std::size_t i = 1; i < words.size(); ++i)
    world_.step(*parse_number(words[0]), Propose{make_payload(std::string(words[i]))});
  return true;
}

// member 1 add 4 [HOST:PORT]; member 1 remove 3; member 1 promote 4; member 1 move 3 HOST:PORT
bool RaftScript::member(const Words& words) {
  const auto number = words.size() >= 3 ? parse_number(words[2]) : std::nullopt;
  if (node_up(words) == nullptr || !number) return false;
  const std::string address = words.size() > 3 ? std::string(words[3]) : fmt::format("host{}:1", *number);
  MembershipChange change;
  if (words[1] == "add") {
    change = AddLearner{replica(*number), address};
  } else if (words[1] == "remove") {
    change = RemoveMember{replica(*number)};
  } else if (words[1] == "promote") {
    change = PromoteLearner{replica(*number)};
  } else if (words[1] == "move") {
    change = ChangeAddress{replica(*number), address};
  } else {
    return false;
  }
  world_.step(*parse_number(words[0]), ChangeMembership{change});
  return true;
}

// transfer 1; transfer 1 2
bool RaftScript::transfer(const Words& words) {
  if (node_up(words) == nullptr || words.size() > 2) return false;
  std::optional<ReplicaId> to;
  if (words.size() == 2) {
    const auto number = parse_number(words[1]);
    if (!number) return false;
    to = replica(*number);
  }
  world_.step(*parse_number(words[0]), TransferLeadership{to});
  return true;
}

// may-lead 1 no; may-lead 1 yes
bool RaftScript::may_lead(const Words& words) {
  if (node_up(words) == nullptr || words.size() != 2) return false;
  world_.step(*parse_number(words[0]), MayLead{words[1] == "yes"});
  return true;
}

// read 1 r7
bool RaftScript::read(const Words& words) {
  if (node_up(words) == nullptr || words.size() < 2) return false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto id = words[i].starts_with('r') ? parse_uint64(words[i].substr(1)) : std::nullopt;
    if (!id) return false;
    world_.step(*parse_number(words[0]), Read{*id});
  }
  return true;
}

// lease 1; lease 1 +250ms
bool RaftScript::lease(const Words& words) {
  const Node* one = node_up(words);
  if (one == nullptr || words.size() > 2) return false;
  MonoTime at = world_.now();
  if (words.size() == 2) {
    const auto later = parse_duration(words[1].substr(words[1].starts_with('+') ? 1 : 0));
    if (!later.ok()) return false;
    at += *later;
  }
  world_.note(fmt::format("{}: {}", words[0], one->core->lease_holds(at) ? "the lease holds" : "no lease"));
  return true;
}

// compact 1; compact 1 from 3: entries from 3 on stay on the disk
bool RaftScript::compact(const Words& words) {
  const Node* one = node_up(words);
  if (one == nullptr || (words.size() != 1 && (words.size() != 3 || words[1] != "from"))) return false;
  const auto from = words.size() == 3 ? parse_uint64(words[2]) : one->core->applied().next().value;
  if (!from) return false;
  world_.compact(*parse_number(words[0]), {*from});
  return true;
}

// lost 1 2: of 1, messages to 2 may be lost
bool RaftScript::lost(const Words& words) {
  const auto peer = words.size() == 2 ? parse_number(words[1]) : std::nullopt;
  if (node_up(words) == nullptr || !peer) return false;
  world_.step(*parse_number(words[0]), PeerLost{replica(*peer)});
  return true;
}

namespace {

// heartbeat COMMIT | heard ROUND | ack MATCH
std::optional<MessageBody> parse_numbered(std::string_view kind, std::uint64_t number) {
  if (kind == "heartbeat") return Heartbeat{1, {number}};
  if (kind == "heard") return HeartbeatReply{number};
  if (kind == "ack") return AppendReply{.accepted = true, .match = {number}};
  return std::nullopt;
}

// append AFTER COMMIT ENTRY...
std::optional<MessageBody> parse_append(const std::vector<std::string_view>& words) {
  const auto previous = parse_position(words[1]);
  const auto commit = words.size() > 2 ? parse_uint64(words[2]) : std::nullopt;
  if (!previous || !commit) return std::nullopt;
  auto entries = parse_entries({words.begin() + 3, words.end()});
  if (!entries) return std::nullopt;
  return AppendRequest{*previous, {*commit}, std::move(*entries)};
}

// The above, and: reject PREVIOUS HINT | vote? LAST | pre-vote? LAST | campaign-now
std::optional<MessageBody> parse_body(const std::vector<std::string_view>& words) {
  const std::string_view kind = words[0];
  if (kind == "campaign-now") return TimeoutNow{};
  if (words.size() < 2) return std::nullopt;
  if (kind == "append") return parse_append(words);
  if (kind == "vote?" || kind == "pre-vote?") {
    const auto last = parse_position(words[1]);
    if (!last) return std::nullopt;
    return VoteRequest{.pre = kind == "pre-vote?", .last = *last};
  }
  const auto number = parse_uint64(words[1]);
  if (!number) return std::nullopt;
  if (kind != "reject") return parse_numbered(kind, *number);
  const auto hint = words.size() > 2 ? parse_position(words[2]) : std::nullopt;
  if (!hint) return std::nullopt;
  return AppendReply{.accepted = false, .previous = {*number}, .hint = *hint};
}

}  // namespace

// forge 3->1 5 MESSAGE, where 5 is the term
bool RaftScript::forge(const Words& words) {
  if (words.size() < 3) return false;
  const auto link = parse_link(words[0]);
  const auto term = parse_uint64(words[1]);
  auto body = parse_body({words.begin() + 2, words.end()});
  if (!link || !term || !body) return false;
  world_.send({replica(link->first), replica(link->second), {*term}, std::move(*body)});
  return true;
}

// --- looking ---

bool RaftScript::state(const Words& words) {
  for (const auto& [number, unused] : world_.nodes()) {
    if (words.empty()) world_.note(world_.state(number));
  }
  for (const std::string_view word : words) {
    if (node(word) == nullptr) return false;
    world_.note(world_.state(*parse_number(word)));
  }
  return true;
}

bool RaftScript::machine(const Words& words) {
  for (auto& [number, one] : world_.nodes()) {
    if (!words.empty() && node(words[0]) != &one) continue;
    world_.note(fmt::format("{} has applied: {}", number, fmt::join(one.machine, " ")));
  }
  return true;
}

bool RaftScript::members(const Words& words) {
  const Node* one = node_up(words);
  if (one == nullptr) return false;
  world_.note(fmt::format("{}: members {}", words[0], text_of(one->core->membership())));
  return true;
}

bool RaftScript::wire(const Words& words) {
  for (const Message& message : world_.wire()) world_.note(text_of(message));
  return words.empty();
}

}  // namespace ringhold::golden
