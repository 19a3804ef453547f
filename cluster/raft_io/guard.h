// What was asked of a disk may end when whoever asked has gone: then nobody is to hear of it.
#pragma once

#include <memory>
#include <utility>

namespace ringhold::raft_io {

// A member of whoever asks, the last one. What it has wrapped is called only while it lives.
class Guard {
 public:
  template <typename Function>
  auto wrap(Function function) const {
    return [alive = std::weak_ptr<const int>(alive_),
            function = std::move(function)](auto&&... arguments) mutable {
      if (!alive.expired()) function(std::forward<decltype(arguments)>(arguments)...);
    };
  }

 private:
  std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
};

}  // namespace ringhold::raft_io
