#include "cluster/raft/membership.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/wire/codec.h"

namespace ringhold::raft {

namespace {

// A learner may stand beside a full set of voters: that is how one is replaced.
constexpr std::size_t kMembersMax = limits::kReplicasMax + 1;
constexpr std::size_t kAddressBytesMax = 512;

bool by_id(const Member& a, const Member& b) {
  return a.id < b.id;
}

Error not_a_member(ReplicaId id) {
  return Error{fmt::format("replica {} is no member of this shard", id.value.hex())};
}

struct Changer {
  std::vector<Member> members;

  Member* find(ReplicaId id) {
    const auto it = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.id == id; });
    return it == members.end() ? nullptr : &*it;
  }
  Result<void> check_address(ReplicaId id, const std::string& address) const {
    for (const Member& member : members) {
      if (member.address != address || member.id == id) continue;
      return Error{fmt::format("{} is the address of replica {} already", address, member.id.value.hex())};
    }
    return {};
  }

  Result<void> operator()(const AddLearner& change) {
    if (find(change.id) != nullptr)
      return Error{fmt::format("replica {} is a member already", change.id.value.hex())};
    if (members.size() >= kMembersMax)
      return Error{fmt::format("a shard has at most {} replicas", limits::kReplicasMax)};
    if (auto fine = check_address(change.id, change.address); !fine.ok()) return fine;
    members.push_back({change.id, change.address, MemberRole::kLearner});
    return {};
  }

  Result<void> operator()(const PromoteLearner& change) {
    Member* member = find(change.id);
    if (member == nullptr) return not_a_member(change.id);
    if (member->role == MemberRole::kVoter)
      return Error{fmt::format("replica {} is a voter already", change.id.value.hex())};
    const auto voters = std::count_if(members.begin(), members.end(),
                                      [](const Member& m) { return m.role == MemberRole::kVoter; });
    if (static_cast<std::size_t>(voters) >= limits::kReplicasMax)
      return Error{fmt::format("a shard has at most {} voters", limits::kReplicasMax)};
    member->role = MemberRole::kVoter;
    return {};
  }

  Result<void> operator()(const RemoveMember& change) {
    Member* member = find(change.id);
    if (member == nullptr) return not_a_member(change.id);
    const bool is_voter = member->role == MemberRole::kVoter;
    std::erase_if(members, [&](const Member& m) { return m.id == change.id; });
    const bool voters_left = std::any_of(members.begin(), members.end(),
                                         [](const Member& m) { return m.role == MemberRole::kVoter; });
    if (is_voter && !voters_left) return Error{"the last voter of a shard cannot be removed"};
    return {};
  }

  Result<void> operator()(const ChangeAddress& change) {
    Member* member = find(change.id);
    if (member == nullptr) return not_a_member(change.id);
    if (auto fine = check_address(change.id, change.address); !fine.ok()) return fine;
    member->address = change.address;
    return {};
  }
};

}  // namespace

Membership::Membership(std::vector<Member> members) : members_(std::move(members)) {
  std::sort(members_.begin(), members_.end(), by_id);
  INVARIANT(std::adjacent_find(members_.begin(), members_.end(), [](const Member& a, const Member& b) {
              return a.id == b.id;
            }) == members_.end());
}

const Member* Membership::find(ReplicaId id) const {
  const auto it = std::find_if(members_.begin(), members_.end(), [&](const Member& m) { return m.id == id; });
  return it == members_.end() ? nullptr : &*it;
}

bool Membership::has_voter(ReplicaId id) const {
  const Member* member = find(id);
  return member != nullptr && member->role == MemberRole::kVoter;
}

std::size_t Membership::voters() const {
  return static_cast<std::size_t>(std::count_if(
      members_.begin(), members_.end(), [](const Member& m) { return m.role == MemberRole::kVoter; }));
}

Result<Membership> changed(const Membership& before, const MembershipChange& change) {
  Changer changer{before.members()};
  const auto outcome = std::visit(changer, change);
  if (!outcome.ok()) return outcome.error();
  return Membership(std::move(changer.members));
}

std::string encode(const Membership& membership) {
  ByteBuffer out;
  WireWriter writer(out);
  writer.varint(membership.members().size());
  for (const Member& member : membership.members()) {
    writer.id(member.id.value);
    writer.u8(static_cast<std::uint8_t>(member.role));
    writer.bytes(member.address);
  }
  return std::string(out.view());
}

Result<Membership> decode_membership(std::string_view bytes) {
  WireReader reader(bytes);
  const std::uint64_t count = reader.varint();
  if (count > kMembersMax) return Error{fmt::format("a membership of {} replicas", count)};
  std::vector<Member> members;
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    Member member;
    member.id = {reader.id()};
    const std::uint8_t role = reader.u8();
    member.address = std::string(reader.bytes());
    if (role > static_cast<std::uint8_t>(MemberRole::kLearner)) return Error{"a member of an unknown role"};
    member.role = static_cast<MemberRole>(role);
    if (member.address.size() > kAddressBytesMax) return Error{"a member's address is too long"};
    if (!members.empty() && !(members.back().id < member.id))
      return Error{"the members are not in order of their ids"};
    members.push_back(std::move(member));
  }
  if (!reader.done()) return Error{"a membership that is cut off, or has something behind it"};
  return Membership(std::move(members));
}

void write_snapshot_meta(WireWriter& writer, const SnapshotMeta& meta) {
  writer.id(meta.id);
  writer.varint(meta.position.index.value);
  writer.varint(meta.position.term.value);
  writer.varint(meta.bytes);
  writer.bytes(encode(meta.members));
}

bool read_snapshot_meta(WireReader& reader, SnapshotMeta& meta) {
  meta.id = reader.id();
  meta.position.index = {reader.varint()};
  meta.position.term = {reader.varint()};
  meta.bytes = reader.varint();
  auto members = decode_membership(reader.bytes());
  if (!reader.ok() || !members.ok()) return false;
  meta.members = std::move(*members);
  return true;
}

}  // namespace ringhold::raft
