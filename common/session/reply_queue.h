// ReplyQueue: replies of one connection leave in the order of its commands, whenever they become known.
//
// A command that is answered at once while nothing waits before it never touches the queue: its reply goes
// straight to the output. Otherwise each command has a place here until all before it have left.
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>

#include "common/base/byte_buffer.h"
#include "common/reactor/clock.h"

namespace ringhold {

struct CommandRow;

class ReplyQueue {
 public:
  using Ticket = std::uint64_t;

  // A command whose reply comes later.
  struct Waiting {
    const CommandRow* row = nullptr;
    MonoTime since{};
    bool muted = false;  // the reply is dropped when it comes (CLIENT REPLY OFF)
  };

  bool empty() const { return places_.empty(); }
  std::size_t size() const { return places_.size(); }
  // Bytes of replies that wait for an earlier one.
  std::size_t bytes() const { return bytes_; }

  // Takes the next place, for a reply that comes later.
  Ticket push(const Waiting& command);
  // Takes the next place for a reply that is written now, and returns where to. Precondition: !empty().
  // Call settle() once it is written.
  ByteBuffer& push_ready();
  void settle();
  // The reply of `ticket` is known: it, and all that waited only for it, move to `out`. Returns what was
  // pushed.
  Waiting complete(Ticket ticket, std::string_view reply, ByteBuffer& out);
  // Precondition: `ticket` was pushed and is not complete.
  const Waiting& waiting(Ticket ticket) const;
  void clear();

 private:
  struct Place {
    ByteBuffer reply;
    bool ready = false;
    Waiting command;
  };
  void release_ready(ByteBuffer& out);

  std::deque<Place> places_;
  Ticket first_ = 0;  // the ticket of places_.front()
  std::size_t bytes_ = 0;
};

}  // namespace ringhold
