// What a follower does with what its leader sends (dissertation 3.5).
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "cluster/raft/core.h"
#include "common/base/check.h"

namespace ringhold::raft {

// True: it is from the leader of this replica's term, which it may have learned of just now.
bool Core::hear_leader(const Message& message) {
  if (message.term < vote_.term) return false;
  if (message.term == vote_.term && leading() != nullptr) {
    fault(fmt::format("replica {} says that it leads in term {}, as this one does", message.from.value.hex(),
                      message.term.value));
    return false;
  }
  if (message.term == vote_.term && leader() && *leader() != message.from) {
    fault(fmt::format("replicas {} and {} both say that they lead in term {}", leader()->value.hex(),
                      message.from.value.hex(), message.term.value));
    return false;
  }
  become_follower(message.term, message.from);
  restart_election_timer();
  refuse_votes_until_ = std::max(refuse_votes_until_, now_ + options_.timing.election_min);
  return true;
}

void Core::handle(const Message& message, const Heartbeat& heartbeat) {
  if (!hear_leader(message)) {
    // So that it steps down.
    say_when(Until::kVoteIsDurable, message.from, HeartbeatReply{});
    return;
  }
  if (heartbeat.commit > log_.last_index()) {
    return fault(
        fmt::format("the leader {} has this replica's acknowledgement of entries up to {}, but its log ends "
                    "at {}: entries "
                    "have been lost from its disk",
                    message.from.value.hex(), heartbeat.commit.value, log_.last_index().value));
  }
  commit_to(heartbeat.commit);
  say_when(Until::kVoteIsDurable, message.from, HeartbeatReply{heartbeat.round});
}

bool Core::takes_entries() const {
  return !stalled_ && unsynced_bytes_ <= options_.bounds.unsynced_bytes &&
         !(incoming_ && incoming_->installing);
}

void Core::handle(const Message& message, const AppendRequest& request) {
  if (!hear_leader(message)) {
    reject(message.from, request.previous);
    return;
  }
  if (!takes_entries()) return;  // as if it had been lost
  // What is committed here stands in every leader's log (leader completeness), so nothing at or below it
  // needs a comparison, and much of it can no longer be compared.
  const bool agrees = request.previous.index <= commit_ || log_.has(request.previous);
  if (!agrees) return reject(message.from, request.previous);
  if (!take_entries(request.entries)) return;
  const LogIndex verified =
      std::max(commit_, LogIndex{request.previous.index.value + request.entries.size()});
  commit_to(std::min(request.commit, verified));
  say_when(verified <= durable_ ? Until::kVoteIsDurable : Until::kLogIsDurable, message.from,
           AppendReply{.accepted = true, .match = verified});
}

// Those that are there already stay; the first that differs replaces what stands from there on (3.5).
bool Core::take_entries(const std::vector<Entry>& entries) {
  for (const Entry& entry : entries) {
    const LogIndex index = entry.position.index;
    if (index <= commit_ && log_.term_at(index) && !log_.has(entry.position)) {
      fault(fmt::format("the leader has another entry at {} than the one that was committed here",
                        index.value));
      return false;
    }
    if (index <= commit_ || log_.has(entry.position)) continue;
    if (entry.position.term < *log_.term_at(index.previous())) {
      fault(fmt::format("entry {} of the leader is of an older term than the one before it", index.value));
      return false;
    }
    if (index <= log_.last_index()) {
      log_.truncate_from(index);
      durable_ = std::min(durable_, index.previous());
      // What is on its way to the disk is replaced by what follows it there.
      for (Outstanding& outstanding : outstanding_) {
        if (outstanding.last && outstanding.last->index >= index) outstanding.last.reset();
      }
    }
    append_to_log(entry);
  }
  return true;
}

// With the last place where the logs can agree, so that the leader does not have to try them one by one.
void Core::reject(ReplicaId leader, Position previous) {
  const LogIndex hint = log_.last_possible_match(previous);
  say_when(Until::kVoteIsDurable, leader,
           AppendReply{.accepted = false, .previous = previous.index, .hint = {hint, *log_.term_at(hint)}});
}

}  // namespace ringhold::raft
