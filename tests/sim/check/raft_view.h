// What a scenario shows of a Raft replica to the checker in raft_invariants.h: plain values.
//
// Replicas have numbers below kReplicasMax that stand for identities on disk: one whose disk was emptied and
// that joins anew is another replica. Index 0 and term 0 stand before the first entry. Hashes are of an
// entry's content; equal content may have equal hashes, different content must not.
#pragma once

#include <bit>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>

namespace ringhold::sim {

inline constexpr std::uint32_t kReplicasMax = 64;  // so that a set of them is one word

class ReplicaSet {
 public:
  constexpr ReplicaSet() = default;
  constexpr ReplicaSet(std::initializer_list<std::uint32_t> replicas) {
    for (const std::uint32_t replica : replicas) add(replica);
  }
  constexpr void add(std::uint32_t replica) { bits_ |= std::uint64_t{1} << replica; }
  constexpr void remove(std::uint32_t replica) { bits_ &= ~(std::uint64_t{1} << replica); }
  constexpr bool has(std::uint32_t replica) const { return (bits_ >> replica & 1) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::uint32_t size() const { return static_cast<std::uint32_t>(std::popcount(bits_)); }
  constexpr ReplicaSet operator&(ReplicaSet other) const { return of(bits_ & other.bits_); }
  constexpr ReplicaSet operator^(ReplicaSet other) const { return of(bits_ ^ other.bits_); }
  constexpr bool operator==(const ReplicaSet&) const = default;
  // More than half of `all` is in this set.
  constexpr bool has_majority_of(ReplicaSet all) const { return (*this & all).size() * 2 > all.size(); }

 private:
  static constexpr ReplicaSet of(std::uint64_t bits) {
    ReplicaSet set;
    set.bits_ = bits;
    return set;
  }
  std::uint64_t bits_ = 0;
};

// A configuration (4.1); learners are the non-voting members of 4.2.1.
struct Members {
  ReplicaSet voters;
  ReplicaSet learners;
  bool operator==(const Members&) const = default;
};
std::string describe(ReplicaSet set);          // "{1 2 3}"
std::string describe(const Members& members);  // "voters {1 2}, learners {3}"

struct EntryView {
  std::uint64_t term = 0;
  std::uint64_t hash = 0;
  std::optional<Members> members;  // of an entry that holds a configuration
};

struct TermAndVote {
  std::uint64_t term = 0;
  std::optional<std::uint32_t> voted_for;
  bool operator==(const TermAndVote&) const = default;
};

// What a restart would find if the machine lost its power now: read from the disk by other means than the
// replica's own bookkeeping. The log up to `last_index` is durable, by snapshot or as entries.
struct DiskView {
  TermAndVote vote;
  std::uint64_t last_index = 0;
  std::uint64_t last_term = 0;
  std::uint64_t last_hash = 0;  // 0: not known (a snapshot ends there)
  bool operator==(const DiskView&) const = default;
};

inline constexpr std::uint64_t kNothingChanged = std::numeric_limits<std::uint64_t>::max();

struct ReplicaView {
  std::uint32_t replica = 0;
  std::uint32_t life = 0;  // another one after each start of its process
  bool running = false;    // if not, only `disk` counts
  bool leader = false;
  TermAndVote vote;               // in memory
  Members members;                // the configuration that it goes by
  std::uint64_t first_index = 1;  // of the entries that it has; before it there is a snapshot
  std::uint64_t base_term = 0;    // of the entry before first_index; 0: not known
  std::uint64_t last_index = 0;
  std::uint64_t commit_index = 0;
  std::uint64_t applied_index = 0;
  std::optional<std::uint64_t> state_hash;  // of the state machine at applied_index; now and then is enough
  std::optional<DiskView> disk;             // none: as it was
  // The lowest index whose entry was appended, replaced or removed since the last view. 0: not known, the
  // checker looks for it by terms from the end, and so does not see an entry replaced by one of its own term.
  std::uint64_t changed_from = 0;
  bool operator==(const ReplicaView&) const = default;
};

// The entries of the replica's log in memory, first_index..last_index.
class ReplicaLog {
 public:
  virtual ~ReplicaLog() = default;
  virtual std::uint64_t term_at(std::uint64_t index) const = 0;  // cheap
  virtual EntryView entry_at(std::uint64_t index) const = 0;     // called once per new entry
};

}  // namespace ringhold::sim
