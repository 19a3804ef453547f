#include "cluster/raft_io/vote_file.h"

#include <fmt/core.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "cluster/raft_io/damage.h"
#include "cluster/raft_io/file_names.h"
#include "cluster/raft_io/little_endian.h"
#include "cluster/raft_io/sector.h"
#include "common/base/bug.h"
#include "common/base/check.h"
#include "common/wire/codec.h"

namespace ringhold::raft_io {

namespace {

constexpr std::string_view kMagic = "RHVOTE01";
constexpr std::uint64_t kSecondCopyAt = 4096;
constexpr std::size_t kChecksumAt = kSectorBytes - 8;

std::optional<VoteCopy> decode_copy(std::string_view sector) {
  const std::string_view body = sector.substr(0, kChecksumAt);
  if (number_at<std::uint64_t>(sector, kChecksumAt) != XXH3_64bits(body.data(), body.size()))
    return std::nullopt;
  if (!body.starts_with(kMagic)) return std::nullopt;
  WireReader reader(body.substr(kMagic.size()));
  VoteCopy copy;
  copy.sequence = reader.u64();
  copy.vote.term = {reader.u64()};
  const Id128 candidate = reader.id();
  if (!candidate.is_none()) copy.vote.candidate = raft::ReplicaId{candidate};
  copy.segment = reader.u32();
  return copy;
}

std::string whole_file(const std::string& copy) {
  std::string bytes = copy;
  bytes.resize(kSecondCopyAt);
  bytes += copy;
  bytes.resize(kVoteFileBytes);
  return bytes;
}

}  // namespace

std::string encode(const VoteCopy& copy) {
  std::string out(kMagic);
  put(out, copy.sequence);
  put(out, copy.vote.term.value);
  const Id128 candidate = copy.vote.candidate ? copy.vote.candidate->value : Id128{};
  for (const std::uint8_t byte : candidate.bytes) put(out, byte);
  put(out, copy.segment);
  out.resize(kChecksumAt);
  put(out, XXH3_64bits(out.data(), out.size()));
  return out;
}

Result<VoteCopy> decode_vote_file(std::string_view bytes) {
  if (bytes.size() < kVoteFileBytes)
    return Error{fmt::format("it has {} bytes instead of {}", bytes.size(), kVoteFileBytes)};
  const auto first = decode_copy(bytes.substr(0, kSectorBytes));
  const auto second = decode_copy(bytes.substr(kSecondCopyAt, kSectorBytes));
  if (!first && !second) return Error{"the checksums of both copies of the vote are wrong"};
  if (!first || !second) return first ? *first : *second;
  const bool first_is_newer = first->sequence >= second->sequence;
  return first_is_newer != broken(Bug::kOlderVotePreferred) ? *first : *second;
}

VoteFile::VoteFile(Disk& disk, std::string directory)
    : disk_(disk), directory_(std::move(directory)), path_(vote_path(directory_)) {}

bool VoteFile::exists() const {
  return disk_.file_exists(path_);
}

Result<VoteCopy> VoteFile::read() {
  const auto bytes = disk_.read_file(path_, kVoteFileBytes);
  if (!bytes.ok()) return bytes.error();
  const auto copy = decode_vote_file(*bytes);
  if (!copy.ok()) return damage(path_, 0, copy.error().message, directory_);
  sequence_ = copy->sequence;
  return copy;
}

void VoteFile::save(const raft::Vote& vote, std::uint32_t segment, DiskDone done) {
  INVARIANT(!done_);
  done_ = std::move(done);
  const std::string copy = encode(VoteCopy{++sequence_, vote, segment});
  if (file_ == nullptr) return write_anew(copy);
  write_copy(0, copy, [this, copy] {
    // With both copies written before a vote counts, the older of two would be as good as the newer: the bug
    // needs a save that leaves the second as it was.
    if (broken(Bug::kOlderVotePreferred)) return end({});
    write_copy(kSecondCopyAt, copy, [this] { end({}); });
  });
}

void VoteFile::write_anew(const std::string& copy) {
  const std::string aside = path_ + ".new";
  const auto opened = [this, aside, copy](Result<std::unique_ptr<WritableFile>> file) {
    if (!file.ok()) return end(file.error());
    file_ = std::move(*file);
    file_->write_synced(0, whole_file(copy), guard_.wrap([this, aside](const Result<void>& written) {
      if (!written.ok()) return end(written);
      disk_.rename_file(aside, path_, guard_.wrap([this](Result<void> renamed) { end(std::move(renamed)); }));
    }));
  };
  disk_.create_file(aside, guard_.wrap(opened));
}

void VoteFile::write_copy(std::uint64_t offset, const std::string& copy, std::function<void()> next) {
  file_->write_synced(offset, copy, guard_.wrap([this, next = std::move(next)](const Result<void>& outcome) {
    if (!outcome.ok()) return end(outcome);
    next();
  }));
}

void VoteFile::end(Result<void> outcome) {
  if (!outcome.ok()) file_.reset();
  const DiskDone done = std::exchange(done_, nullptr);
  done(std::move(outcome));
}

}  // namespace ringhold::raft_io
