#include "dataserver/backup/backup_records.h"

#include <fmt/core.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <utility>

#include "common/base/check.h"
#include "common/base/limits.h"
#include "dataserver/backup/cereal_archive.h"

namespace ringhold {

namespace {

constexpr std::uint32_t kVersionWithSnapshot = 2;
constexpr std::uint8_t kMoreRecords = 1;
constexpr std::uint8_t kNoMoreRecords = 0;
constexpr std::uint8_t kFirstPart = 1;
constexpr std::uint8_t kLastPart = 2;
constexpr std::uint8_t kTypesEnd = static_cast<std::uint8_t>(ValueType::kHash) + 1;
// The least bytes that an item takes: its length. Announced items cannot be more than fit.
constexpr std::size_t kItemBytesMin = sizeof(std::uint32_t);

void write_key(ArchiveWriter& archive, const BackupKey& about, std::string_view key) {
  archive.number(static_cast<std::uint8_t>(about.type));
  archive.number(about.deadline);
  archive.number(about.idle_s);
  archive.run(key);
}

void read_key(ArchiveReader& archive, BackupRecord& record) {
  const auto type = archive.number<std::uint8_t>();
  if (type >= kTypesEnd) throw cereal::Exception("a value has an unknown type");
  record.type = static_cast<ValueType>(type);
  record.deadline = archive.number<std::int64_t>();
  if (record.deadline < kNoDeadline) throw cereal::Exception("a deadline is negative");
  record.idle_s = archive.number<std::uint32_t>();
  record.key = archive.run();
}

void read_items(ArchiveReader& archive, BackupRecord& record,
                std::size_t items_max = std::numeric_limits<std::size_t>::max()) {
  const std::size_t items = archive.number<std::uint32_t>();
  if (items > archive.left() / kItemBytesMin) throw cereal::Exception("more items are announced than fit");
  if (items > items_max) throw cereal::Exception("a part has too many items");
  record.items.reserve(items);
  for (std::size_t i = 0; i < items; ++i) record.items.push_back(archive.run());
}

// Runs `read`, and makes of what cereal throws an error.
template <typename Value, typename Read>
Result<Value> decode(std::string_view body, Read&& read) {
  try {
    ArchiveReader archive(body);
    Value value = read(archive);
    if (archive.left() > 0) throw cereal::Exception("there are bytes after the end");
    return value;
  } catch (const std::exception& error) {
    return Error{fmt::format("a chunk cannot be understood: {}", error.what())};
  }
}

}  // namespace

std::string encode_backup_header(const BackupHeader& header) {
  ArchiveWriter archive;
  archive.run(header.software);
  archive.number(header.created_ms);
  archive.number(header.log_time);
  archive.number(header.hash_seed);
  archive.raw({reinterpret_cast<const char*>(header.cluster.bytes.data()), header.cluster.bytes.size()});
  archive.run(header.shard);
  archive.run(header.topology);
  archive.run(header.snapshot);
  return archive.take();
}

Result<BackupHeader> decode_backup_header(std::string_view body, std::uint32_t version) {
  return decode<BackupHeader>(body, [version](ArchiveReader& archive) {
    BackupHeader header;
    header.software = archive.run();
    header.created_ms = archive.number<std::uint64_t>();
    header.log_time = archive.number<std::int64_t>();
    header.hash_seed = archive.number<std::uint64_t>();
    const std::string id = archive.raw(header.cluster.bytes.size());
    std::copy(id.begin(), id.end(), header.cluster.bytes.begin());
    header.shard = archive.run();
    header.topology = archive.run();
    if (version >= kVersionWithSnapshot) header.snapshot = archive.run();
    return header;
  });
}

std::string encode_backup_footer(const BackupFooter& footer) {
  ArchiveWriter archive;
  archive.number(footer.keys);
  archive.number(footer.chunks);
  archive.number(footer.bytes);
  return archive.take();
}

Result<BackupFooter> decode_backup_footer(std::string_view body) {
  return decode<BackupFooter>(body, [](ArchiveReader& archive) {
    BackupFooter footer;
    footer.keys = archive.number<std::uint64_t>();
    footer.chunks = archive.number<std::uint64_t>();
    footer.bytes = archive.number<std::uint64_t>();
    return footer;
  });
}

Result<std::vector<BackupRecord>> decode_backup_entries(std::string_view body) {
  if (body.size() > limits::kBackupEntriesBytesMax) return Error{"a chunk of whole keys is too long"};
  return decode<std::vector<BackupRecord>>(body, [](ArchiveReader& archive) {
    std::vector<BackupRecord> records;
    for (;;) {
      const auto mark = archive.number<std::uint8_t>();
      if (mark == kNoMoreRecords) return records;
      if (mark != kMoreRecords) throw cereal::Exception("a record does not begin as it should");
      BackupRecord& record = records.emplace_back();
      read_key(archive, record);
      read_items(archive, record);
    }
  });
}

Result<BackupPart> decode_backup_part(std::string_view body) {
  return decode<BackupPart>(body, [](ArchiveReader& archive) {
    BackupPart part;
    part.number = archive.number<std::uint64_t>();
    const auto flags = archive.number<std::uint8_t>();
    part.first = (flags & kFirstPart) != 0;
    part.last = (flags & kLastPart) != 0;
    if (part.first) read_key(archive, part.record);
    read_items(archive, part.record, limits::kBackupPartItemsMax);
    return part;
  });
}

// --- EntriesEncoder ---

class EntriesEncoder::Archive : public ArchiveWriter {};

EntriesEncoder::EntriesEncoder() = default;
EntriesEncoder::~EntriesEncoder() = default;

EntriesEncoder::Archive& EntriesEncoder::archive() {
  if (!archive_) archive_ = std::make_unique<Archive>();
  return *archive_;
}

void EntriesEncoder::clear() {
  archive_.reset();
}

std::size_t EntriesEncoder::bytes() const {
  return archive_ ? archive_->bytes() : 0;
}

// How many items there are is known, and put there, at the end.
void EntriesEncoder::begin_items() {
  items_at_ = archive().bytes();
  items_ = 0;
  archive().number(items_);
}

void EntriesEncoder::begin_record(const BackupKey& about, std::string_view key) {
  archive().number(kMoreRecords);
  write_key(archive(), about, key);
  begin_items();
}

void EntriesEncoder::end_record() {
  archive().put_back(items_at_, items_);
}

void EntriesEncoder::begin_first_part(std::uint64_t number, const BackupKey& about, std::string_view key) {
  INVARIANT(empty());
  archive().number(number);
  flags_at_ = archive().bytes();
  archive().number(kFirstPart);
  write_key(archive(), about, key);
  begin_items();
}

void EntriesEncoder::begin_part(std::uint64_t number) {
  INVARIANT(empty());
  archive().number(number);
  flags_at_ = archive().bytes();
  archive().number(std::uint8_t{0});
  begin_items();
}

void EntriesEncoder::item(std::string_view bytes) {
  ++items_;
  archive().run(bytes);
}

std::string EntriesEncoder::take() {
  std::string body = archive().take();
  archive_.reset();
  return body;
}

std::string EntriesEncoder::take_entries() {
  archive().number(kNoMoreRecords);
  return take();
}

std::string EntriesEncoder::take_part(bool is_last) {
  archive().put_back(items_at_, items_);
  std::string body = take();
  if (is_last) body[flags_at_] = static_cast<char>(body[flags_at_] | kLastPart);
  return body;
}

}  // namespace ringhold
