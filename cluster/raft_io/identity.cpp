#include "cluster/raft_io/identity.h"

#include <fmt/core.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "cluster/raft_io/damage.h"
#include "cluster/raft_io/file_names.h"
#include "cluster/raft_io/little_endian.h"
#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/wire/codec.h"

namespace ringhold::raft_io {

namespace {

constexpr std::string_view kMagic = "RHIDENT1";
constexpr std::size_t kChecksumBytes = 8;
constexpr std::size_t kIdentityBytesMax = 128 + limits::kShardNameBytesMax;

std::uint64_t checksum_of(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

void put_id(std::string& out, const Id128& id) {
  for (const std::uint8_t byte : id.bytes) put(out, byte);
}

}  // namespace

std::string encode(const Identity& identity) {
  INVARIANT(identity.shard_name.size() <= limits::kShardNameBytesMax);
  std::string out(kMagic);
  put_id(out, identity.cluster);
  put_id(out, identity.shard);
  put_id(out, identity.replica.value);
  out.push_back(identity.has_log ? '\1' : '\0');
  put(out, static_cast<std::uint16_t>(identity.shard_name.size()));
  out += identity.shard_name;
  put(out, checksum_of(out));
  return out;
}

Result<Identity> decode_identity(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) return Error{"it does not begin as one does"};
  if (bytes.size() < kMagic.size() + kChecksumBytes) return Error{"it is too short"};
  const std::size_t end = bytes.size() - kChecksumBytes;
  if (checksum_of(bytes.substr(0, end)) != number_at<std::uint64_t>(bytes, end))
    return Error{"its checksum is wrong"};
  WireReader reader(bytes.substr(kMagic.size(), end - kMagic.size()));
  Identity identity;
  identity.cluster = reader.id();
  identity.shard = reader.id();
  identity.replica = {reader.id()};
  const std::uint8_t has_log = reader.u8();
  const std::uint64_t length = reader.u8() | std::uint64_t{reader.u8()} << 8U;
  if (!reader.ok() || has_log > 1 || length != reader.left() || length > limits::kShardNameBytesMax)
    return Error{"what is in it makes no sense"};
  identity.has_log = has_log == 1;
  identity.shard_name = std::string(reader.rest());
  return identity;
}

Result<std::optional<Identity>> read_identity(Disk& disk, const std::string& directory) {
  const std::string path = identity_path(directory);
  if (!disk.file_exists(path)) {
    const auto names = disk.list_directory(directory);
    if (!names.ok()) return names.error();
    const bool has_log = std::any_of(names->begin(), names->end(), [](const std::string& name) {
      return name == kVoteName || segment_number(name).has_value();
    });
    if (!has_log) return std::optional<Identity>();
    return Error{fmt::format("{} is missing, though there is a log beside it. {}", path, way_out(directory))};
  }
  const auto bytes = disk.read_file(path, kIdentityBytesMax);
  if (!bytes.ok()) return bytes.error();
  auto identity = decode_identity(*bytes);
  if (!identity.ok()) return damage(path, 0, identity.error().message, directory);
  return std::optional(std::move(*identity));
}

IdentitySaver::IdentitySaver(Disk& disk, const std::string& directory)
    : disk_(disk), path_(identity_path(directory)), aside_(path_ + ".new") {}

void IdentitySaver::save(const Identity& identity, DiskDone done) {
  INVARIANT(!done_);
  done_ = std::move(done);
  const auto opened = [this, bytes = encode(identity)](Result<std::unique_ptr<WritableFile>> file) {
    if (!file.ok()) return end(file.error());
    file_ = std::move(*file);
    file_->write_synced(0, bytes, guard_.wrap([this](const Result<void>& written) {
      file_.reset();
      if (!written.ok()) return end(written);
      disk_.rename_file(aside_, path_,
                        guard_.wrap([this](Result<void> renamed) { end(std::move(renamed)); }));
    }));
  };
  disk_.create_file(aside_, guard_.wrap(opened));
}

void IdentitySaver::end(Result<void> outcome) {
  const DiskDone done = std::exchange(done_, nullptr);
  done(std::move(outcome));
}

}  // namespace ringhold::raft_io
