// Directives that draw the picture to start from.
#include <algorithm>

#include "common/base/text.h"
#include "tests/golden/raft_script.h"
#include "tests/golden/raft_text.h"

namespace ringhold::golden {

using namespace raft;

bool RaftScript::replicas(const Words& words) {
  const auto number = words.size() == 1 ? parse_number(words[0]) : std::nullopt;
  if (!number) return false;
  world_.found(*number);
  return true;
}

bool RaftScript::learner(const Words& words) {
  const auto number = words.size() == 1 ? parse_number(words[0]) : std::nullopt;
  if (!number || world_.nodes().contains(*number)) return false;
  world_.found_learner(*number);
  return true;
}

bool RaftScript::empty(const Words& words) {
  const auto number = words.size() == 1 ? parse_number(words[0]) : std::nullopt;
  if (!number || world_.nodes().contains(*number)) return false;
  world_.add_empty(*number);
  return true;
}

// log 1 1.1..3.1 4.2
bool RaftScript::log(const Words& words) {
  Node* one = words.empty() ? nullptr : node(words[0]);
  const auto entries = parse_entries({words.begin() + (words.empty() ? 0 : 1), words.end()});
  if (one == nullptr || !entries) return false;
  if (!entries->empty() && entries->front().position.index != one->disk.base.index.next()) return false;
  one->disk.entries = *entries;
  if (entries->empty()) return true;
  one->disk.vote.term = std::max(one->disk.vote.term, entries->back().position.term);
  return true;
}

// term 1 3
bool RaftScript::term(const Words& words) {
  Node* one = words.size() == 2 ? node(words[0]) : nullptr;
  const auto term = words.size() == 2 ? parse_uint64(words[1]) : std::nullopt;
  if (one == nullptr || !term) return false;
  one->disk.vote = {{*term}, std::nullopt};
  return true;
}

// vote 1 2 3: for 2 in term 3
bool RaftScript::vote(const Words& words) {
  Node* one = words.size() == 3 ? node(words[0]) : nullptr;
  const auto candidate = words.size() == 3 ? parse_number(words[1]) : std::nullopt;
  const auto term = words.size() == 3 ? parse_uint64(words[2]) : std::nullopt;
  if (one == nullptr || !candidate || !term) return false;
  one->disk.vote = {{*term}, replica(*candidate)};
  return true;
}

// applied 1 3
bool RaftScript::applied(const Words& words) {
  Node* one = words.size() == 2 ? node(words[0]) : nullptr;
  const auto index = words.size() == 2 ? parse_uint64(words[1]) : std::nullopt;
  if (one == nullptr || !index) return false;
  one->disk.commit = {*index};
  return true;
}

// snapshot 1 5.2 a b c: its log begins behind 5.2, the commands up to there were a, b and c
bool RaftScript::snapshot(const Words& words) {
  Node* one = words.size() >= 2 ? node(words[0]) : nullptr;
  const auto position = words.size() >= 2 ? parse_position(words[1]) : std::nullopt;
  if (one == nullptr || !position) return false;
  one->disk.snapshot.position = one->disk.base = *position;
  one->disk.vote.term = std::max(one->disk.vote.term, position->term);
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (i > 2) one->disk.snapshot_bytes += ' ';
    one->disk.snapshot_bytes += words[i];
  }
  return true;
}

// set in_flight_messages 2
bool RaftScript::option(const Words& words) {
  const auto value = words.size() == 2 ? parse_uint64(words[1]) : std::nullopt;
  if (!value) return false;
  Bounds& bounds = world_.options.bounds;
  const std::pair<std::string_view, std::size_t*> rows[] = {
      {"append_bytes", &bounds.append_bytes},
      {"in_flight_bytes", &bounds.in_flight_bytes},
      {"in_flight_messages", &bounds.in_flight_messages},
      {"uncommitted_bytes", &bounds.uncommitted_bytes},
      {"memory_bytes", &bounds.memory_bytes},
      {"unsynced_bytes", &bounds.unsynced_bytes},
      {"entry_bytes", &bounds.entry_bytes},
      {"chunk_bytes", &bounds.chunk_bytes},
      {"reads", &bounds.reads},
      {"held_messages", &bounds.held_messages},
  };
  for (const auto& [name, target] : rows) {
    if (words[0] != name) continue;
    *target = *value;
    return true;
  }
  return false;
}

}  // namespace ringhold::golden
