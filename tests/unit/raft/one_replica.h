// One replica, of which the test plays the others; and short words for what they say.
#pragma once

#include <doctest/doctest.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/unit/raft/core_fixture.h"

namespace ringhold::raft::test {

inline Message from(std::uint8_t sender, std::uint8_t receiver, std::uint64_t term, MessageBody body) {
  return {replica(sender), replica(receiver), {term}, std::move(body)};
}

inline Entry command(std::uint64_t index, std::uint64_t term, std::string payload = "x") {
  return {{{index}, {term}}, EntryKind::kCommand, make_payload(std::move(payload))};
}

inline Membership members(std::initializer_list<std::uint8_t> voters,
                          std::initializer_list<std::uint8_t> learners = {}) {
  std::vector<Member> all;
  const auto add = [&](std::uint8_t n, MemberRole role) {
    all.push_back({replica(n), "10.0.0." + std::to_string(n) + ":1", role});
  };
  for (const std::uint8_t n : voters) add(n, MemberRole::kVoter);
  for (const std::uint8_t n : learners) add(n, MemberRole::kLearner);
  return Membership(all);
}

inline Entry membership_entry(std::uint64_t index, std::uint64_t term, const Membership& membership) {
  return {{{index}, {term}}, EntryKind::kMembership, make_payload(encode(membership))};
}

inline SnapshotMeta snapshot_at(std::uint64_t index, std::uint64_t term, Membership membership) {
  SnapshotMeta meta;
  meta.id.bytes[0] = static_cast<std::uint8_t>(index);
  meta.position = {{index}, {term}};
  meta.members = std::move(membership);
  meta.bytes = 10;
  return meta;
}

// All of a snapshot_at().
inline SnapshotChunk whole(const SnapshotMeta& snapshot) {
  return {snapshot, 0, make_payload("0123456789")};
}

// The first of its kind that is said; null: none is.
template <typename Body>
const Body* find(const Output& out) {
  for (const Message& message : out.send) {
    if (const auto* body = std::get_if<Body>(&message.body)) return body;
  }
  return nullptr;
}

struct AloneOptions {
  std::uint8_t self = 1;
  Membership founders = members({1, 2, 3});  // none: it waits to be contacted
  Bounds bounds{};
};

struct Alone {
  explicit Alone(AloneOptions given = {}) {
    CoreOptions options{.self = replica(given.self), .seed = given.self};
    options.bounds = given.bounds;
    SnapshotMeta founding;
    founding.members = std::move(given.founders);
    core = std::make_unique<Core>(options, Recovered{{}, Log(founding), {}, {}}, now);
  }
  // With a disk that works at once; what both steps said.
  Output step(Event event) {
    Output out = core->step(now, std::move(event));
    if (!out.persist) return out;
    Output after = core->step(now, Persisted{out.persist->number});
    for (Message& message : after.send) out.send.push_back(std::move(message));
    for (Entry& entry : after.apply) out.apply.push_back(std::move(entry));
    return out;
  }
  Output hear(std::uint8_t sender, std::uint64_t term, MessageBody body) {
    return step({Message{replica(sender), core->self(), {term}, std::move(body)}});
  }
  // The disk has not written yet what this leads to: it has when written() says so.
  Output hear_only(std::uint8_t sender, std::uint64_t term, MessageBody body) {
    return core->step(now, Message{replica(sender), core->self(), {term}, std::move(body)});
  }
  Output written(std::uint64_t number) { return core->step(now, Persisted{number}); }
  // Number 1.
  void lead(std::uint64_t term = 1) {
    now += std::chrono::seconds(2);
    step(Tick{});
    hear(2, term, VoteReply{.pre = true, .granted = true});
    hear(2, term, VoteReply{.granted = true});
    REQUIRE(core->is_leader());
  }
  Output accept(std::uint8_t peer, std::uint64_t match) {
    return hear(peer, core->term().value, AppendReply{.accepted = true, .match = {match}});
  }

  MonoTime now{std::chrono::seconds(1000)};
  std::unique_ptr<Core> core;
};

}  // namespace ringhold::raft::test
