#include "tests/sim/world/sim_stream.h"

#include <utility>

#include "tests/sim/world/link.h"
#include "tests/sim/world/sim_loop.h"

namespace ringhold::sim {

SimStream::SimStream(std::shared_ptr<Link> link, int side, SimLoop& loop, PeerInfo peer)
    : link_(std::move(link)), side_(side), loop_(loop), peer_(std::move(peer)) {
  ++loop_.live_streams;
}

SimStream::~SimStream() {
  loop_.check_on_loop("~Stream");
  --loop_.live_streams;
  loop_.forget(*this);
  link_->destroyed(side_);
}

void SimStream::set_handler(StreamHandler* handler) {
  link_->set_handler(side_, handler);
}

void SimStream::flush() {
  loop_.check_on_loop("Stream::flush");
  if (flush_asked_) return;
  flush_asked_ = true;
  loop_.flush_later(*this);
}

void SimStream::send_output() {
  flush_asked_ = false;
  link_->send_output(side_);
}

std::size_t SimStream::unsent() const {
  return output_.size() + link_->pending(side_);
}

void SimStream::pause_reading() {
  loop_.check_on_loop("Stream::pause_reading");
  link_->pause_reading(side_);
}

void SimStream::resume_reading() {
  loop_.check_on_loop("Stream::resume_reading");
  link_->resume_reading(side_);
}

void SimStream::close() {
  loop_.check_on_loop("Stream::close");
  link_->close(side_);
}

void SimStream::abort() {
  loop_.check_on_loop("Stream::abort");
  link_->abort(side_);
}

}  // namespace ringhold::sim
