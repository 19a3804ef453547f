// Follows servers.json: reads it after it may have changed, and reports what it says if that is new.
//
// Lives on one loop and is owned by who needs the reports (a proxy's control part). Signs of change are
// gathered until the file has been quiet for limits::kFileDebounce, but no longer than
// limits::kFileDebounceMax. A file that is bad or missing is reported like any other, with the reason; the
// owner goes on with what it has.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cluster/topology/servers_file.h"
#include "common/base/result.h"
#include "common/reactor/world.h"

namespace ringhold {

class ServersWatch {
 public:
  // What the file says now, or why it is refused: "PATH: line 7: …; the running topology stays". `text` is
  // the whole file, empty if it could not be read. Called only when text or reason differ from what was
  // reported last.
  using OnChange = std::function<void(const Result<ServersFile>& file, const std::string& text)>;

  // `world` outlives the watch. `on_change` must not destroy the watch: use Scheduler::defer.
  ServersWatch(World world, std::string path, OnChange on_change);
  ~ServersWatch();
  ServersWatch(const ServersWatch&) = delete;
  ServersWatch& operator=(const ServersWatch&) = delete;

  // Begins to watch and reads the file for the first time; what this returns counts as reported. Errors: the
  // file is missing or bad, or cannot be watched. Call it once.
  Result<ServersFile> start();

 private:
  void on_sign_of_change();
  void read();

  World world_;
  std::string path_;
  OnChange on_change_;
  std::unique_ptr<FileWatch> watch_;
  std::unique_ptr<Timer> debounce_;
  std::optional<MonoTime> changing_since_;       // the first sign that has not been followed by a read
  Result<std::string> content_ = std::string();  // what was read last, or why it could not be read
};

}  // namespace ringhold
