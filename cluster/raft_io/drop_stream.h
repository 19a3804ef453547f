// Gives up a stream, at the end of this loop turn: it may be one of its callbacks that is running.
#pragma once

#include <memory>
#include <utility>

#include "common/reactor/scheduler.h"
#include "common/reactor/stream.h"

namespace ringhold {

inline void drop_stream(Scheduler& scheduler, std::unique_ptr<Stream> stream) {
  // A stream has a handler for as long as it lives.
  struct Dropped final : StreamHandler {
    void on_input() override {}
    void on_closed(const Error& /*why*/) override {}
    std::unique_ptr<Stream> stream;
  };
  auto dropped = std::make_shared<Dropped>();  // shared, because a task is copied
  dropped->stream = std::move(stream);
  dropped->stream->set_handler(dropped.get());
  scheduler.defer([dropped = std::move(dropped)]() mutable { dropped.reset(); });
}

}  // namespace ringhold
