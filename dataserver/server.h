// A data server: one replica of one shard, on one loop. The simulator runs it as it is.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cluster/topology/topology.h"
#include "common/base/limits.h"
#include "common/base/result.h"
#include "common/reactor/world.h"
#include "common/session/authenticator.h"
#include "common/session/process_probe.h"

namespace ringhold {

// What happens when the store has reached --max-memory.
enum class Eviction : std::uint8_t {
  kNone,  // commands that would add to it are refused
  kLru,   // the least recently used keys go
};

struct DataServerOptions {
  Address addr{"127.0.0.1", 9443};
  std::optional<Address> advertise;  // what others are told; default: addr with the real port
  std::string name;                  // the shard; empty: stand-alone until a topology lists the address
  std::uint64_t value_bytes_max = limits::kValueBytesMax;
  std::uint64_t max_memory = 0;  // of the store, in bytes; 0: no bound
  Eviction eviction = Eviction::kLru;
  std::string backup_file;                             // empty: there are no backups
  std::chrono::milliseconds backup_interval{300'000};  // 0: only when asked for, and at the end
  std::uint32_t connections_max = limits::kConnectionsMax;
  std::uint32_t connections_per_address_max = limits::kConnectionsPerAddressMax;
  std::chrono::milliseconds deadline{2000};  // of a command that it forwards
  std::string build_id;                      // shown by INFO
  std::shared_ptr<const Authenticator> authenticator = std::make_shared<Authenticator>();
  std::shared_ptr<const ProcessProbe> probe = std::make_shared<FixedProcessProbe>();
};

class DataServer {
 public:
  DataServer(World world, DataServerOptions options);
  ~DataServer();  // like a crash: connections drop, nothing is said
  DataServer(const DataServer&) = delete;
  DataServer& operator=(const DataServer&) = delete;

  // Restores the backup, if there is one, then listens; the result is the address with the real port. An
  // error leaves the backup as it is.
  Result<Address> start();
  // Stops accepting, answers what was received, closes, writes a backup if something has changed since the
  // last one, then calls `done` (from a later callback).
  void stop(std::function<void()> done);
  // A client asked for SHUTDOWN; the owner calls stop() and ends the process.
  void on_shutdown_request(std::function<void()> callback);
  // After stop(): the last backup failed.
  bool has_unsaved_changes() const;
  // What it goes by now; null: none. For the simulator, which checks that it never goes back.
  TopologyPtr topology() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ringhold
