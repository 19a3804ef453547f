// What a data server does when nobody asks: expire keys, evict what is above the bound, free what was
// dropped, back up now and then, take samples. All of it in bounded slices.
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
  void back_up();
  void sample();

  Node& node_;
  std::unique_ptr<Timer> expiry_timer_;
  std::unique_ptr<Timer> free_timer_;
  std::unique_ptr<Timer> backup_timer_;
  std::unique_ptr<Timer> sample_timer_;
};

}  // namespace ringhold
