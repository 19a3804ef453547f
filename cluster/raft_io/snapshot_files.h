// SnapshotFiles: the snapshots in a replica's directory.
//
//   snapshot-<index>-<id>.rh     the state machine's own file, with the SnapshotMeta beside the state
//   taking.rh                    one that is being written
//   incoming-<id>.rh             one that another replica sends, as far as it has come
//   incoming-<id>.meta           what it will be; written, and durable, before the first byte of it
//
// The newest snapshot is kept, and those that are being sent to somebody. One that comes in is checked from
// its first byte to its last before it takes the place of the state.
//
// Owned by the driver, on its loop. Nothing is called back after it has been destroyed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster/raft/core.h"
#include "cluster/raft_io/state_machine.h"
#include "common/reactor/world.h"

namespace ringhold::raft_io {

class SnapshotFiles {
 public:
  SnapshotFiles(const World& world, std::string directory, StateMachine& machine, std::size_t chunk_bytes);

  struct Found {
    std::optional<raft::SnapshotMeta> newest;
    std::optional<raft::Recovered::Incoming> incoming;
  };
  // Blocks. Loads the newest snapshot, if there is one, into the state machine. Errors name the file and say
  // what to do.
  Result<Found> open();

  // Takes one: `describe` is asked at the moment that it shows. One at a time.
  void save(std::function<raft::SnapshotMeta()> describe,
            std::function<void(Result<raft::SnapshotMeta>)> done);
  bool saving() const { return saving_; }
  const raft::SnapshotMeta* newest() const { return files_.empty() ? nullptr : &files_.back(); }

  // Keeps that file for as long as it is sent to that replica.
  void pin(raft::ReplicaId to, const raft::SnapshotMeta& snapshot) { pins_[to] = snapshot; }
  void unpin(raft::ReplicaId to);
  // The log is needed from behind here on: of the oldest that is kept.
  std::optional<raft::LogIndex> oldest_pinned() const;
  // Null: it cannot be read.
  void read_chunk(const raft::SnapshotMeta& snapshot, std::uint64_t offset, std::size_t bytes_max,
                  std::function<void(raft::Payload)> done);

  // The result is how much of it is durable.
  void store_chunk(const raft::StoreChunk& chunk, std::function<void(Result<std::uint64_t>)> done);
  // Checks what has come in, and puts it in the place of the state. After an error of the check the state is
  // what it was, and the file is gone.
  struct Installed {
    bool state_is_lost = false;  // it was sound, and yet could not be loaded
    std::string error;           // empty: done
  };
  void install(const raft::SnapshotMeta& snapshot, std::function<void(const Installed&)> done);

 private:
  struct Incoming {
    raft::SnapshotMeta snapshot;
    std::unique_ptr<WritableFile> file;  // null: not open yet
  };

  std::string path_of(const raft::SnapshotMeta& snapshot) const;
  std::string incoming_path(const Id128& id, const char* suffix) const;
  Result<raft::SnapshotMeta> read_meta(const std::string& path, bool all);
  Result<void> find_snapshots(const std::vector<std::string>& names);
  std::optional<raft::Recovered::Incoming> find_incoming(const std::vector<std::string>& names);
  std::function<std::string()> guarded_about(std::function<raft::SnapshotMeta()> describe);
  void name_saved(const std::string& path, const std::function<void(Result<raft::SnapshotMeta>)>& done);
  void create_incoming(const raft::StoreChunk& chunk, const std::function<void(Result<std::uint64_t>)>& done);
  void drop_incoming();
  void begin_incoming(const raft::StoreChunk& chunk, std::function<void(Result<std::uint64_t>)> done);
  void open_incoming(const raft::StoreChunk& chunk, std::function<void(Result<std::uint64_t>)> done);
  void write_incoming(const raft::StoreChunk& chunk, std::function<void(Result<std::uint64_t>)> done);
  void load(const raft::SnapshotMeta& snapshot, const std::function<void(const Installed&)>& done);
  void add(const raft::SnapshotMeta& snapshot);
  void remove_unneeded();
  void remove(const std::string& path);
  template <typename Callback>
  auto guarded(Callback callback);

  World world_;
  std::string directory_;
  StateMachine& machine_;
  std::size_t chunk_bytes_;
  std::vector<raft::SnapshotMeta> files_;  // by index; the last is the newest
  std::map<raft::ReplicaId, raft::SnapshotMeta> pins_;
  bool saving_ = false;
  raft::SnapshotMeta saving_as_;
  std::optional<Incoming> incoming_;
  std::unique_ptr<WritableFile> meta_file_;  // of the one that comes in, while it is being written
  std::shared_ptr<int> life_ = std::make_shared<int>(0);  // shared with callbacks under way
};

}  // namespace ringhold::raft_io
