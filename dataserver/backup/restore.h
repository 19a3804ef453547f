// Reading a backup file: into a store, or only to see whether it is sound.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/reactor/disk.h"
#include "dataserver/backup/backup_file.h"
#include "dataserver/backup/backup_records.h"
#include "dataserver/store/store.h"

namespace ringhold {

// What was found in a file.
struct BackupSummary {
  BackupHeader header;
  std::uint64_t keys = 0;
  std::uint64_t expired = 0;                // of them: over when the file was read
  std::uint64_t deadlines = 0;              // keys that have one
  std::array<std::uint64_t, 5> keys_of{};   // by ValueType
  std::array<std::uint64_t, 5> items_of{};  // by ValueType; strings count as one
  std::uint64_t chunks = 0;
  std::uint64_t bytes = 0;  // of the file
};

// Called now and then with what has been read so far, for a progress line.
using BackupProgress = std::function<void(std::uint64_t bytes, std::uint64_t bytes_total)>;

// Reads all of it, in order. `take` gets every record; parts of one value come as records of the same key, of
// which only the first says more than the key and items. An error says what is wrong, at which byte.
using TakeRecord = std::function<Result<void>(const BackupRecord& record, bool first_part, bool last_part)>;
Result<BackupSummary> read_backup(std::unique_ptr<ReadableFile> file, const TakeRecord& take,
                                  const BackupProgress& progress);

// The header alone: what stands behind it is not looked at.
Result<BackupHeader> read_backup_header(Disk& disk, const std::string& path);

// Into `store`, which is empty. Keys whose deadline is over at `now` are left out. After an error the store
// holds a part, and must not be served. Errors name the file and say what to do.
Result<BackupSummary> restore_backup(Disk& disk, const std::string& path, Store& store, UnixMs now,
                                     const BackupProgress& progress);
// Reads it as restore_backup does, into nothing.
Result<BackupSummary> check_backup(Disk& disk, const std::string& path, const BackupProgress& progress);
// A text of several lines for a person.
std::string describe_backup(const std::string& path, const BackupSummary& summary);

}  // namespace ringhold
