// What a leader sends, and what it makes of the answers (dissertation 3.5, 3.6.2, 10.2.1).
#include <algorithm>
#include <functional>
#include <utility>

#include "cluster/raft/core.h"
#include "common/base/bug.h"
#include "common/base/check.h"

namespace ringhold::raft {

void Core::handle(Propose event) {
  Leader* leader = leading();
  if (leader == nullptr) {
    out_.refused = "this replica does not lead its shard";
    return;
  }
  if (leader->transfer) {
    out_.refused = "this replica is handing over to another";
    return;
  }
  Entry entry{{log_.last_index().next(), vote_.term}, EntryKind::kCommand, std::move(event.payload)};
  if (entry.payload_bytes() > options_.bounds.entry_bytes) {
    out_.refused = "the entry is too large";
    return;
  }
  if (leader->uncommitted_bytes + entry.cost() > options_.bounds.uncommitted_bytes) {
    out_.refused = "too much waits for a majority already";
    return;
  }
  leader->uncommitted_bytes += entry.cost();
  out_.accepted = entry.position;
  append_to_log(std::move(entry));
  send_to_all();
}

void Core::send_to_all() {
  for (auto& [id, peer] : leading()->peers) send_entries(id, peer);
}

void Core::send_entries(ReplicaId to, Progress& peer) {
  using State = Progress::State;
  if (peer.state == State::kSnapshot || peer.reading) return;
  if (peer.state == State::kProbe && peer.probing) return;
  while (true) {
    if (peer.state == State::kReplicate) {
      if (peer.next > log_.last_index()) return;
      if (peer.in_flight_bytes >= options_.bounds.in_flight_bytes) return;
      if (peer.in_flight.size() >= options_.bounds.in_flight_messages) return;
    }
    if (peer.next < log_.first_index()) return begin_snapshot(to, peer);
    if (peer.next < log_.memory_first()) {
      peer.reading = true;
      out_.read_log.push_back({to, peer.next, options_.bounds.append_bytes});
      return;
    }
    send_append(to, peer, log_.slice(peer.next, options_.bounds.append_bytes));
    if (peer.state == State::kProbe) return;
  }
}

void Core::send_append(ReplicaId to, Progress& peer, std::vector<Entry> entries) {
  const LogIndex previous = peer.next.previous();
  InFlight message{LogIndex{previous.value + entries.size()}, 0, now_};
  for (const Entry& entry : entries) message.bytes += entry.cost();
  if (peer.state == Progress::State::kProbe) {
    peer.probing = true;
    peer.probed_at = now_;
  } else {
    peer.sent(message);
    peer.next = message.last.next();
  }
  say(to, AppendRequest{{previous, *log_.term_at(previous)}, commit_, std::move(entries)});
}

void Core::handle(LogRead event) {
  Progress* reader = peer_of(event.to);
  if (reader == nullptr || !reader->reading) return;
  Progress& peer = *reader;
  peer.reading = false;
  if (peer.state == Progress::State::kSnapshot || (peer.state == Progress::State::kProbe && peer.probing))
    return;
  // The log may have been compacted while they were being read.
  const bool is_gone = peer.next < log_.first_index() ||
                       (event.entries.empty() && event.from == peer.next && peer.next < log_.memory_first());
  if (is_gone) return begin_snapshot(event.to, peer);
  const bool fits =
      event.from == peer.next && std::all_of(event.entries.begin(), event.entries.end(),
                                             [this](const Entry& entry) { return log_.has(entry.position); });
  if (fits && !event.entries.empty()) send_append(event.to, peer, std::move(event.entries));
  send_entries(event.to, peer);
}

void Core::handle(const PeerLost& event) {
  Progress* peer = peer_of(event.peer);
  if (peer == nullptr || peer->state != Progress::State::kReplicate) return;
  peer->to_probe();
  // It is gone at the moment: the next heartbeat tries again.
  peer->probing = true;
  peer->probed_at = now_;
}

Progress* Core::hear_peer(const Message& message) {
  if (message.term > vote_.term) become_follower(message.term, std::nullopt);
  Progress* peer = message.term == vote_.term ? peer_of(message.from) : nullptr;
  if (peer != nullptr) peer->heard_at = now_;
  return peer;
}

void Core::handle(const Message& message, const AppendReply& reply) {
  Progress* peer = hear_peer(message);
  if (peer == nullptr) return;
  if (!reply.accepted) return rejected(message.from, *peer, reply);
  // It cannot have what is not there; such a peer is not to be believed.
  if (reply.match <= log_.last_index()) accepted(message.from, *peer, reply.match);
}

void Core::accepted(ReplicaId from, Progress& peer, LogIndex match) {
  using State = Progress::State;
  peer.match = std::max(peer.match, match);
  if (peer.state == State::kSnapshot) {
    if (peer.match.next() < log_.first_index()) return;
    end_snapshot(from, peer);
  }
  if (peer.state == State::kProbe) {
    peer.to_probe();
    peer.state = State::kReplicate;
  } else {
    peer.acknowledged(match);
    peer.next = std::max(peer.next, peer.match.next());
  }
  advance_commit();
  if (leading() == nullptr) return;
  // What was just committed may have removed it.
  const auto it = leading()->peers.find(from);
  if (it == leading()->peers.end()) return;
  promote_if_caught_up(from, it->second);
  send_entries(from, it->second);
  go_on_with_transfer();
}

void Core::rejected(ReplicaId from, Progress& peer, const AppendReply& reply) {
  using State = Progress::State;
  if (peer.state == State::kSnapshot) return;
  if (peer.state == State::kReplicate) {
    if (reply.previous <= peer.match) return;  // late
    peer.to_probe();
  } else {
    if (reply.previous != peer.next.previous()) return;  // late
    peer.probing = false;
    const LogIndex possible = log_.last_possible_match(reply.hint);
    peer.next = std::max(peer.match, possible).next();
    // They may part before all that is on the disk here.
    const bool is_before = reply.hint.index < possible || reply.hint.term < *log_.term_at(possible);
    if (is_before && peer.match < possible) return begin_snapshot(from, peer);
  }
  send_entries(from, peer);
}

// 3.6.2: counting replicas commits entries of the leader's own term only, and with them all before.
void Core::advance_commit() {
  std::vector<LogIndex> matches;
  for (const Member& member : membership().members()) {
    if (member.role != MemberRole::kVoter) continue;
    if (member.id == self()) {
      matches.push_back(broken(Bug::kAcknowledgedBeforeSynced) ? log_.last_index() : durable_);
    } else {
      const auto it = leading()->peers.find(member.id);
      matches.push_back(it == leading()->peers.end() ? LogIndex{} : it->second.match);
    }
  }
  if (matches.empty()) return;
  std::sort(matches.begin(), matches.end(), std::greater<>());
  const LogIndex on_majority = matches[membership().quorum() - 1];
  if (on_majority <= commit_) return;
  if (log_.term_at(on_majority) != vote_.term && !broken(Bug::kOldTermCommitted)) return;
  commit_to(on_majority);
}

// With each heartbeat: what was lost is sent again.
void Core::look_after_peers() {
  using State = Progress::State;
  std::erase_if(leading()->peers, [this](auto& item) {
    auto& [id, peer] = item;
    if (!peer.forget_at || now_ < *peer.forget_at) return false;
    if (peer.transfer) out_.transfer_over.push_back(id);
    return true;
  });
  for (auto& [id, peer] : leading()->peers) {
    if (peer.state == State::kReplicate && !peer.in_flight.empty() &&
        now_ - peer.in_flight.front().at > options_.timing.election_min) {
      peer.to_probe();
    }
    if (peer.state == State::kProbe && peer.probing && now_ - peer.probed_at > options_.timing.heartbeat)
      peer.probing = false;
    if (peer.state == State::kSnapshot) {
      ask_chunk(id, peer);
    } else {
      send_entries(id, peer);
    }
    promote_if_caught_up(id, peer);
  }
}

}  // namespace ringhold::raft
