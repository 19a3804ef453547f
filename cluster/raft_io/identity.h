// Who a replica is: the file `identity` in its directory. Written aside and renamed, so it is never half
// there.
//
//   "RHIDENT1" | 16 bytes cluster id | 16 bytes shard id | 16 bytes replica id | u8 1 if it has a log, else 0
//   | u16 length of the shard's name | the name | u64 XXH3-64 of all before it       (numbers: little-endian)
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cluster/raft/types.h"
#include "cluster/raft_io/guard.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/reactor/disk.h"

namespace ringhold::raft_io {

struct Identity {
  Id128 cluster;
  Id128 shard;
  raft::ReplicaId replica;
  std::string shard_name;
  // Set, durably, before the replica says anything to others: from then on a log that is missing has been
  // lost.
  bool has_log = false;
  bool operator==(const Identity&) const = default;
};

std::string encode(const Identity& identity);
Result<Identity> decode_identity(std::string_view bytes);

// Blocks. Nothing: there is none, and no log either. Errors name the file and say what to do: it is damaged,
// or missing beside a log.
Result<std::optional<Identity>> read_identity(Disk& disk, const std::string& directory);

// Saves it in the directory, which is there. When this is destroyed, a save that is under way ends unheard.
class IdentitySaver {
 public:
  IdentitySaver(Disk& disk, const std::string& directory);
  // Durable when it is done. One at a time.
  void save(const Identity& identity, DiskDone done);

 private:
  void end(Result<void> outcome);

  Disk& disk_;
  std::string path_;
  std::string aside_;
  std::unique_ptr<WritableFile> file_;
  DiskDone done_;
  Guard guard_;
};

}  // namespace ringhold::raft_io
