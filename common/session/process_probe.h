// What the operating system says about this process: memory, processor time, names. For INFO.
//
// An interface, because none of it is deterministic: the simulator passes a FixedProcessProbe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace ringhold {

struct ProcessUsage {
  std::uint64_t resident_bytes = 0;
  std::uint64_t system_memory_bytes = 0;  // of the machine
  double cpu_system_seconds = 0;          // of all threads
  double cpu_user_seconds = 0;
  double cpu_system_children_seconds = 0;
  double cpu_user_children_seconds = 0;
};

struct OpenFiles {
  std::uint64_t open = 0;  // files and sockets
  std::uint64_t max = 0;
};

struct ProcessNames {
  std::int64_t process_id = 1;
  std::string os = "Ringhold simulator";  // "Linux 6.1.0 x86_64"
  std::string executable;
  std::string allocator = "libc";  // "jemalloc-5.3.0"
  std::string compiler = "0.0.0";  // "12.2.0"
};

// May be called from any thread; does not block beyond reading /proc.
class ProcessProbe {
 public:
  virtual ~ProcessProbe() = default;
  virtual ProcessUsage usage() const = 0;
  // By the allocator, which has to go through all that it has: this costs more than all else here. 0 where it
  // does not tell.
  virtual std::uint64_t allocated_bytes() const = 0;
  virtual OpenFiles open_files() const = 0;
  virtual ProcessNames names() const = 0;
};

class FixedProcessProbe final : public ProcessProbe {
 public:
  ProcessUsage usage() const override { return {}; }
  std::uint64_t allocated_bytes() const override { return 0; }
  OpenFiles open_files() const override { return {}; }
  ProcessNames names() const override { return {}; }
};

// Reads /proc, getrusage, uname.
std::unique_ptr<ProcessProbe> make_system_process_probe();

}  // namespace ringhold
