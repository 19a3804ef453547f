// Pipeline: commands to be sent together, so that they share one round trip. See Client::run.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ringhold/arguments.h"

namespace ringhold {

class Pipeline {
 public:
  // What one may hold. A command beyond that is dropped, and the pipeline then overflows: running it sends
  // nothing and fails. A first command of any size fits.
  static std::size_t commands_max();
  static std::size_t bytes_max();

  template <Argument... Args>
  requires(sizeof...(Args) > 0) void add(const Args&... args) { add(detail::to_arguments(args...)); }
  void add(std::vector<std::string> args);

  std::size_t size() const { return commands_.size(); }
  bool empty() const { return commands_.empty(); }
  // Whether it is time to run it: half of what fits is there.
  bool half_full() const;
  bool overflows() const { return overflows_; }
  void clear();

  std::span<const std::vector<std::string>> commands() const { return commands_; }

 private:
  std::vector<std::vector<std::string>> commands_;
  std::size_t bytes_ = 0;
  bool overflows_ = false;
};

}  // namespace ringhold
