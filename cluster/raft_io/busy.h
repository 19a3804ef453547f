// Busy: marks that an object's own code is on the stack, so that others do not destroy it now.
#pragma once

namespace ringhold::raft_io {

class Busy {
 public:
  explicit Busy(int& depth) : depth_(depth) { ++depth_; }
  ~Busy() { --depth_; }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  int& depth_;
};

}  // namespace ringhold::raft_io
