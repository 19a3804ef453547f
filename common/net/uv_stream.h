// The half of a stream that its user owns; see stream_core.h for the other.
#pragma once

#include <memory>
#include <utility>

#include "common/net/stream_core.h"
#include "common/reactor/stream.h"

namespace ringhold {

class UvStream final : public Stream {
 public:
  UvStream(StreamHub& hub, std::shared_ptr<StreamCore> core) : hub_(hub), core_(std::move(core)) {
    core_->attach(this);
  }
  ~UvStream() override {
    core_->orphan();
    hub_.loop().bury(std::move(core_));  // one of its functions may be on the stack
  }

  void set_handler(StreamHandler* handler) override { core_->set_handler(handler); }
  const PeerInfo& peer() const override { return core_->peer(); }
  void flush() override { core_->schedule_flush(); }
  std::size_t unsent() const override { return core_->unsent(); }
  void pause_reading() override { core_->pause_reading(); }
  void resume_reading() override { core_->resume_reading(); }
  void close() override { core_->close(); }
  void abort() override { core_->abort(Error{"dropped by this side"}); }

 private:
  StreamHub& hub_;
  std::shared_ptr<StreamCore> core_;  // shared with callbacks that are on the stack or deferred
};

}  // namespace ringhold
