// Who belongs to a shard (dissertation, chapter 4).
//
// A membership is a value in the log. Changes add or remove one voter at a time, so that the majorities of
// two that follow each other always have a replica in common; learners get the log and have no vote.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cluster/raft/types.h"
#include "common/base/result.h"
#include "common/wire/codec.h"

namespace ringhold::raft {

// Values are part of the log's format.
enum class MemberRole : std::uint8_t { kVoter = 0, kLearner = 1 };

struct Member {
  ReplicaId id;
  std::string address;  // HOST:PORT, as it is told to others
  MemberRole role = MemberRole::kVoter;
  bool operator==(const Member&) const = default;
};

class Membership {
 public:
  Membership() = default;
  // In any order; ids are different.
  explicit Membership(std::vector<Member> members);

  // Ordered by id.
  const std::vector<Member>& members() const { return members_; }
  const Member* find(ReplicaId id) const;
  bool has_voter(ReplicaId id) const;
  std::size_t voters() const;
  // How many voters a majority has.
  std::size_t quorum() const { return voters() / 2 + 1; }
  bool empty() const { return members_.empty(); }
  bool operator==(const Membership&) const = default;

 private:
  std::vector<Member> members_;
};

struct AddLearner {
  ReplicaId id;
  std::string address;
};
struct PromoteLearner {
  ReplicaId id;
};
struct RemoveMember {
  ReplicaId id;
};
// A member answers at another address from now on.
struct ChangeAddress {
  ReplicaId id;
  std::string address;
};
using MembershipChange = std::variant<AddLearner, PromoteLearner, RemoveMember, ChangeAddress>;

// The membership after the change; an error (for a person) where it makes no sense: the id is there already,
// or is not, the address is another's, there would be too many members, or no voter.
Result<Membership> changed(const Membership& before, const MembershipChange& change);

std::string encode(const Membership& membership);
// Errors say what does not fit; never trusts a count beyond the bytes.
Result<Membership> decode_membership(std::string_view bytes);

// What a snapshot is of. Its bytes are the shell's business.
struct SnapshotMeta {
  Id128 id;           // of this file: another at the same position has other bytes
  Position position;  // the last entry that it contains
  Membership members;
  std::uint64_t bytes = 0;  // of the file
  bool operator==(const SnapshotMeta&) const = default;
};

// id | index | term | bytes | members, all but the id as varints or with their length.
void write_snapshot_meta(WireWriter& writer, const SnapshotMeta& meta);
// False if it is not that, or the members make no sense.
bool read_snapshot_meta(WireReader& reader, SnapshotMeta& meta);

}  // namespace ringhold::raft
