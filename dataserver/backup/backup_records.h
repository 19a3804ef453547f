// What stands in the chunks of a backup, as values. Bodies are cereal portable binary archives
// (little-endian) of plain numbers and byte runs, a run being its length (u32) and its bytes; a reader
// believes no length beyond what is left.
//
//   kHeader   run software | u64 created, ms since 1970 | i64 log time, ms | u64 hash seed
//             | 16 bytes cluster id | run shard | run topology (topology_codec.h; empty: none)
//             | from version 2 on: run snapshot (of a replica: what its log says of it; empty: none)
//   kEntries  (u8 1 | key | u32 items | run item ...) ... and after the last: u8 0
//   kPart     u64 number of the value | u8 flags (1: the first part, 2: the last)
//             | key, in the first | u32 items | run item ...
//   key       u8 type | i64 deadline, ms (-1: none) | u32 idle, s | run name
//   kFooter   u64 keys | u64 chunks before this one | u64 bytes before this one
//
// Types: 0 string, 1 list, 2 set, 3 sorted set, 4 hash. Items: a string's bytes, in one run or, in parts,
// several; a list's items from the head; a set's members; a hash's fields and values in turn; a sorted set's
// members and scores in turn, a score being the 8 bytes of its IEEE 754 double, little-endian.
//
// Parts of one value stand in their order, but other chunks may stand between them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.h"
#include "common/base/result.h"
#include "dataserver/store/entry.h"

namespace ringhold {

struct BackupHeader {
  std::string software;
  std::uint64_t created_ms = 0;  // wall clock
  UnixMs log_time = 0;
  std::uint64_t hash_seed = 0;
  Id128 cluster;
  std::string shard;
  std::string topology;  // encoded; empty if there was none
  std::string snapshot;  // of a replica: what its log says of it, encoded; empty in other backups
};

// What is said of a key beside its items.
struct BackupKey {
  ValueType type = ValueType::kString;
  UnixMs deadline = kNoDeadline;
  std::uint32_t idle_s = 0;
};

struct BackupRecord : BackupKey {
  std::string key;
  std::vector<std::string> items;
};

struct BackupPart {
  std::uint64_t number = 0;  // of the value within the backup
  bool first = false;
  bool last = false;
  BackupRecord record;  // but for its items, only in the first part
};

struct BackupFooter {
  std::uint64_t keys = 0;
  std::uint64_t chunks = 0;
  std::uint64_t bytes = 0;
};

std::string encode_backup_header(const BackupHeader& header);
std::string encode_backup_footer(const BackupFooter& footer);

// Writes the body of a kEntries chunk, or of one kPart chunk after the other, item by item.
class EntriesEncoder {
 public:
  EntriesEncoder();
  ~EntriesEncoder();
  EntriesEncoder(const EntriesEncoder&) = delete;
  EntriesEncoder& operator=(const EntriesEncoder&) = delete;

  void begin_record(const BackupKey& about, std::string_view key);
  void end_record();
  // Of the value with that number; key and what is said of it are in the first part only.
  void begin_first_part(std::uint64_t number, const BackupKey& about, std::string_view key);
  void begin_part(std::uint64_t number);
  void item(std::string_view bytes);

  bool empty() const { return !archive_; }
  void clear();
  std::size_t bytes() const;
  // The body, and empty again.
  std::string take_entries();
  std::string take_part(bool is_last);

 private:
  class Archive;
  Archive& archive();
  void begin_items();
  std::string take();
  std::unique_ptr<Archive> archive_;
  std::size_t flags_at_ = 0;  // of the part that is being written
  std::size_t items_at_ = 0;  // where the number of items stands, of the record or part that is being written
  std::uint32_t items_ = 0;
};

// Errors say what does not fit.
// `version` is the file's.
Result<BackupHeader> decode_backup_header(std::string_view body, std::uint32_t version);
Result<std::vector<BackupRecord>> decode_backup_entries(std::string_view body);
Result<BackupPart> decode_backup_part(std::string_view body);
Result<BackupFooter> decode_backup_footer(std::string_view body);

}  // namespace ringhold
