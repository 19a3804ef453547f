// PartWriter: writes one large value as the parts of a backup.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/limits.h"
#include "dataserver/backup/backup_file.h"
#include "dataserver/backup/backup_records.h"

namespace ringhold {

class PartWriter {
 public:
  PartWriter(std::uint64_t number, const BackupKey& about, std::string_view key) : number_(number) {
    encoder_.begin_first_part(number, about, key);
  }
  void item(std::string_view bytes) { encoder_.item(bytes); }
  // What was gathered is enough for a part.
  bool full() const { return encoder_.bytes() >= limits::kBackupChunkBytes; }
  void write(ChunkWriter& writer, std::string& out, bool is_last) {
    writer.append(out, ChunkKind::kPart, encoder_.take_part(is_last));
    if (!is_last) encoder_.begin_part(number_);
  }

 private:
  std::uint64_t number_;
  EntriesEncoder encoder_;
};

}  // namespace ringhold
