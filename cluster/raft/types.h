// The values that Raft is about. Pure; all of them copy, move and compare.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/base/ids.h"

namespace ringhold::raft {

// 0: before the first election.
struct Term {
  std::uint64_t value = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): a false alarm of clang-tidy 14 on defaulted <=>
  auto operator<=>(const Term&) const = default;
  Term next() const { return {value + 1}; }
};

// The first entry of a log has index 1; 0 is the place before it.
struct LogIndex {
  std::uint64_t value = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): a false alarm of clang-tidy 14 on defaulted <=>
  auto operator<=>(const LogIndex&) const = default;
  LogIndex next() const { return {value + 1}; }
  // Precondition: not 0.
  LogIndex previous() const { return {value - 1}; }
};

// A replica's identity: random, made once with its data directory, never used again by another.
struct ReplicaId {
  Id128 value;
  // NOLINTNEXTLINE(modernize-use-nullptr): a false alarm of clang-tidy 14 on defaulted <=>
  auto operator<=>(const ReplicaId&) const = default;
};

// Which entry: its place and the term in which its leader made it. Two logs that have the same position have
// the same entries up to there (log matching).
struct Position {
  LogIndex index;
  Term term;
  bool operator==(const Position&) const = default;
};

// Values are part of the log's format.
enum class EntryKind : std::uint8_t {
  kNothing = 0,     // the first of each term: see core.h, "no-op"
  kCommand = 1,     // for the state machine
  kMembership = 2,  // a Membership, encoded; in force from when it is in the log
};

// Shared, because an entry is at once in the log, on its way to the disk, to several replicas and to the
// state machine; never changed, so nobody can tell.
using Payload = std::shared_ptr<const std::string>;
Payload make_payload(std::string bytes);

struct Entry {
  Position position;
  EntryKind kind = EntryKind::kNothing;
  Payload payload;  // null: empty

  std::size_t payload_bytes() const { return payload ? payload->size() : 0; }
  // What it counts for in every bound on bytes.
  std::size_t cost() const { return payload_bytes() + kOverheadBytes; }
  static constexpr std::size_t kOverheadBytes = 64;
};

// What a replica must never forget (Ongaro's dissertation, figure 3.1: currentTerm, votedFor).
struct Vote {
  Term term;
  std::optional<ReplicaId> candidate;  // who got this replica's vote in `term`
  bool operator==(const Vote&) const = default;
};

}  // namespace ringhold::raft
