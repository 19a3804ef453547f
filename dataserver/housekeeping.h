// What a data server does when nobody asks: expire keys, free what was dropped, take samples. All of it in
// bounded slices.
#pragma once

#include <memory>

#include "common/reactor/scheduler.h"
#include "dataserver/node.h"

namespace ringhold {

class Housekeeping {
 public:
  explicit Housekeeping(Node& node);
  void start();

 private:
  void expire();
  void free_memory();
  void sample();

  Node& node_;
  std::unique_ptr<Timer> expiry_timer_;
  std::unique_ptr<Timer> free_timer_;
  std::unique_ptr<Timer> sample_timer_;
};

}  // namespace ringhold
