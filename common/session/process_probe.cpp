#include "common/session/process_probe.h"

#include <fmt/core.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

// jemalloc's one entry for questions (jemalloc(3)); null where the process is linked without it.
extern "C" int mallctl(const char* name, void* old_value, std::size_t* old_length, void* new_value,
                       std::size_t new_length) __attribute__((weak));

namespace ringhold {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// /proc/self/statm: sizes in pages; the second one is the resident set.
std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  if (!(statm >> total_pages >> resident_pages)) return 0;
  return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t jemalloc_allocated_bytes() {
  std::uint64_t epoch = 1;  // writing it makes jemalloc bring its figures up to date
  std::size_t epoch_length = sizeof(epoch);
  mallctl("epoch", &epoch, &epoch_length, &epoch, epoch_length);
  std::size_t allocated = 0;
  std::size_t length = sizeof(allocated);
  return mallctl("stats.allocated", &allocated, &length, nullptr, 0) == 0 ? allocated : 0;
}

std::string allocator_name() {
  const char* version = nullptr;
  std::size_t length = sizeof(version);
  if (mallctl == nullptr || mallctl("version", &version, &length, nullptr, 0) != 0) return "libc";
  const std::string text(version);
  return "jemalloc-" + text.substr(0, text.find('-'));
}

std::uint64_t allocator_bytes() {
  if (mallctl != nullptr) return jemalloc_allocated_bytes();
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
#else
  return 0;
#endif
}

std::string executable() {
  std::array<char, 4096> path{};
  const ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
  return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : std::string();
}

class SystemProcessProbe final : public ProcessProbe {
 public:
  ProcessUsage usage() const override {
    ProcessUsage usage{.resident_bytes = resident_bytes()};
    struct sysinfo machine {};
    if (sysinfo(&machine) == 0)
      usage.system_memory_bytes = std::uint64_t{machine.totalram} * machine.mem_unit;
    rusage self{};
    if (getrusage(RUSAGE_SELF, &self) == 0) {
      usage.cpu_system_seconds = seconds(self.ru_stime);
      usage.cpu_user_seconds = seconds(self.ru_utime);
    }
    rusage children{};
    if (getrusage(RUSAGE_CHILDREN, &children) == 0) {
      usage.cpu_system_children_seconds = seconds(children.ru_stime);
      usage.cpu_user_children_seconds = seconds(children.ru_utime);
    }
    return usage;
  }

  std::uint64_t allocated_bytes() const override { return allocator_bytes(); }

  OpenFiles open_files() const override {
    OpenFiles files;
    std::error_code error;
    const std::filesystem::directory_iterator entries("/proc/self/fd", error);
    files.open = static_cast<std::uint64_t>(std::distance(begin(entries), end(entries)));
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) files.max = limit.rlim_cur;
    return files;
  }

  ProcessNames names() const override {
    ProcessNames names{.process_id = getpid(),
                       .executable = executable(),
                       .allocator = allocator_name(),
                       .compiler = __VERSION__};
    utsname system{};
    if (uname(&system) == 0) {
      names.os =
          fmt::format("{} {} {}", static_cast<const char*>(system.sysname),
                      static_cast<const char*>(system.release), static_cast<const char*>(system.machine));
    }
    return names;
  }
};

}  // namespace

std::unique_ptr<ProcessProbe> make_system_process_probe() {
  return std::make_unique<SystemProcessProbe>();
}

}  // namespace ringhold
