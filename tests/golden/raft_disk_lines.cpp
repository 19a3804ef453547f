// Directives for disks, crashes and restarts.
#include <fmt/core.h>

#include "common/base/text.h"
#include "tests/golden/raft_script.h"

namespace ringhold::golden {

// disk 2 manual; disk 2 auto
bool RaftScript::disk(const Words& words) {
  Node* one = words.size() == 2 ? node(words[0]) : nullptr;
  if (one == nullptr || (words[1] != "manual" && words[1] != "auto")) return false;
  one->disk.is_manual = words[1] == "manual";
  if (!one->disk.is_manual) world_.sync(*parse_number(words[0]), one->disk.jobs.size());
  return true;
}

// sync 2; sync 2 1: only the first
bool RaftScript::sync(const Words& words) {
  const Node* one = node_up(words);
  if (one == nullptr || words.size() > 2 || one->disk.is_stalled) return false;
  const auto count = words.size() == 2 ? parse_uint64(words[1]) : one->disk.jobs.size();
  if (!count) return false;
  if (one->disk.jobs.empty()) world_.note(fmt::format("{}: has nothing to write", words[0]));
  world_.sync(*parse_number(words[0]), *count);
  return true;
}

bool RaftScript::stall(const Words& words) {
  if (node_up(words) == nullptr) return false;
  world_.stall(*parse_number(words[0]));
  return true;
}

bool RaftScript::works(const Words& words) {
  if (node_up(words) == nullptr) return false;
  world_.works(*parse_number(words[0]));
  return true;
}

bool RaftScript::crash(const Words& words) {
  for (const std::string_view word : words) {
    if (node(word) == nullptr) return false;
    world_.crash(*parse_number(word));
  }
  return !words.empty();
}

bool RaftScript::restart(const Words& words) {
  for (const std::string_view word : words) {
    const Node* one = node(word);
    if (one == nullptr || one->core != nullptr) return false;
    world_.restart(*parse_number(word));
  }
  return !words.empty();
}

// lose 2 4: entries from 4 on
bool RaftScript::lose(const Words& words) {
  Node* one = words.size() == 2 ? node(words[0]) : nullptr;
  const auto index = words.size() == 2 ? parse_uint64(words[1]) : std::nullopt;
  if (one == nullptr || one->core != nullptr || !index) return false;
  one->disk.lose_from({*index});
  return true;
}

// no-snapshot 1: the next time that one is wanted
bool RaftScript::no_snapshot(const Words& words) {
  Node* one = words.size() == 1 ? node(words[0]) : nullptr;
  if (one == nullptr) return false;
  one->disk.has_no_snapshot = true;
  return true;
}

bool RaftScript::spoil(const Words& words) {
  Node* one = words.size() == 1 ? node(words[0]) : nullptr;
  if (one == nullptr) return false;
  one->disk.is_spoiled = true;
  return true;
}

}  // namespace ringhold::golden
