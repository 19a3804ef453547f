// Replicas in a row, with a network and disks that do what the test says. Not a simulation: every step is
// the test's own.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cluster/raft/core.h"

namespace ringhold::raft::test {

using std::chrono::milliseconds;

inline ReplicaId replica(std::uint8_t number) {
  ReplicaId id;
  id.value.bytes[15] = number;
  return id;
}

// One replica with a disk that works at once, or when it is told to.
struct Node {
  std::unique_ptr<Core> core;
  std::deque<Persist> writing;
  std::vector<Entry> applied;
  std::vector<ReadReady> reads;
  std::vector<std::uint64_t> reads_refused;
  Output last;
  bool disk_works = true;
  std::string fault;
};

class Shard {
 public:
  explicit Shard(std::uint8_t replicas) {
    std::vector<Member> members;
    for (std::uint8_t i = 1; i <= replicas; ++i)
      members.push_back({replica(i), "10.0.0." + std::to_string(i) + ":1", MemberRole::kVoter});
    SnapshotMeta founding;
    founding.members = Membership(members);
    for (std::uint8_t i = 1; i <= replicas; ++i) add(i, Log(founding));
  }

  void add(std::uint8_t number, Log log) {
    CoreOptions options{.self = replica(number), .seed = number};
    nodes[number].core = std::make_unique<Core>(options, Recovered{{}, std::move(log), {}, {}}, now);
  }
  // What its core holds is on its disk.
  void restart(std::uint8_t number) {
    const Core& before = core(number);
    Recovered recovered{before.vote(), before.log(), before.applied(), {}};
    nodes[number] = Node{};
    CoreOptions options{.self = replica(number), .seed = number};
    nodes[number].core = std::make_unique<Core>(options, std::move(recovered), now);
  }

  void step(std::uint8_t number, Event event) {
    Node& node = nodes.at(number);
    take(number, node.core->step(now, std::move(event)));
    if (node.disk_works) sync(number);
  }
  // The disk has written all that was asked for.
  void sync(std::uint8_t number) {
    Node& node = nodes.at(number);
    while (!node.writing.empty()) {
      const std::uint64_t up_to = node.writing.back().number;
      node.writing.clear();
      take(number, node.core->step(now, Persisted{up_to}));
    }
  }
  // Delivers what is under way, and what that leads to.
  void deliver() {
    for (int i = 0; i < 10000 && !wire.empty(); ++i) {
      const Message message = std::move(wire.front());
      wire.pop_front();
      const std::uint8_t to = message.to.value.bytes[15];
      if (cut.contains(to) || cut.contains(message.from.value.bytes[15]) || !nodes.contains(to)) continue;
      step(to, message);
    }
    CHECK(wire.empty());
  }
  void pass(milliseconds time) {
    const MonoTime end = now + time;
    while (now < end) {
      now += milliseconds(10);
      for (auto& [number, node] : nodes) {
        if (!stopped.contains(number) && node.core->next_deadline() <= now) step(number, Tick{});
      }
      deliver();
    }
  }
  // Takes the first message of its kind off the wire.
  template <typename Body>
  std::optional<Message> intercept() {
    for (auto it = wire.begin(); it != wire.end(); ++it) {
      if (!std::holds_alternative<Body>(it->body)) continue;
      Message message = std::move(*it);
      wire.erase(it);
      return message;
    }
    return std::nullopt;
  }
  // Until one leads; 0: none does.
  std::uint8_t elect() {
    for (int i = 0; i < 100; ++i) {
      pass(milliseconds(50));
      for (auto& [number, node] : nodes) {
        if (node.core->is_leader() && !cut.contains(number)) return number;
      }
    }
    return 0;
  }
  Core& core(std::uint8_t number) { return *nodes.at(number).core; }

  MonoTime now{std::chrono::seconds(1000)};
  std::map<std::uint8_t, Node> nodes;
  std::deque<Message> wire;
  std::map<std::uint8_t, bool> cut;      // nothing reaches it, or comes from it
  std::map<std::uint8_t, bool> stopped;  // it is given no time

 private:
  void take(std::uint8_t number, Output out) {
    Node& node = nodes.at(number);
    if (out.persist) node.writing.push_back(*out.persist);
    for (Message& message : out.send) wire.push_back(std::move(message));
    for (Entry& entry : out.apply) node.applied.push_back(std::move(entry));
    for (const ReadReady& read : out.reads) node.reads.push_back(read);
    for (const std::uint64_t id : out.reads_refused) node.reads_refused.push_back(id);
    if (!out.fault.empty()) node.fault = out.fault;
    out.send.clear();
    node.last = std::move(out);
  }
};

}  // namespace ringhold::raft::test
