// What the loops of one process share: the budget of buffered bytes, and the ports that several of them
// listen on. Thread-safe. Main makes one and gives it to every loop's network.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "common/base/limits.h"
#include "common/reactor/address.h"

namespace ringhold {

// Counts the open connections of one port, over all loops that listen on it.
class ConnectionCounter {
 public:
  enum class Verdict { kAdmitted, kTooMany, kTooManyFromAddress };

  struct Limits {
    std::uint32_t total = 0;
    std::uint32_t per_address = 0;
  };

  // What was admitted must be released.
  Verdict admit(const std::string& host, Limits limits);
  void release(const std::string& host);

 private:
  std::mutex mutex_;
  std::uint32_t total_ = 0;
  std::map<std::string, std::uint32_t, std::less<>> per_address_;
};

// A port that several loops of this process listen on; held by the listeners alone.
struct SharedPort {
  std::shared_ptr<ConnectionCounter> counter = std::make_shared<ConnectionCounter>();
};

class ProcessResources {
 public:
  explicit ProcessResources(std::size_t buffer_bytes_max = limits::kBufferBytesTotal)
      : buffer_bytes_max_(buffer_bytes_max) {}

  void change_buffered(std::size_t from, std::size_t to) {
    buffered_.fetch_add(to - from, std::memory_order_relaxed);
  }
  std::size_t buffered() const { return buffered_.load(std::memory_order_relaxed); }
  bool over_budget() const { return buffered() > buffer_bytes_max_; }
  std::size_t buffer_bytes_max() const { return buffer_bytes_max_; }

  // The port at `address` if a loop of this process listens there and shares it, else null.
  std::shared_ptr<SharedPort> shared_port(const Address& address);
  // Makes it known for as long as somebody holds the result.
  std::shared_ptr<SharedPort> share_port(const Address& address);

 private:
  std::atomic<std::size_t> buffered_{0};
  std::size_t buffer_bytes_max_;
  std::mutex mutex_;
  std::map<Address, std::weak_ptr<SharedPort>> ports_;
};

}  // namespace ringhold
