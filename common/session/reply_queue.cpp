#include "common/session/reply_queue.h"

#include "common/base/bug.h"
#include "common/base/check.h"

namespace ringhold {

ReplyQueue::Ticket ReplyQueue::push(const Waiting& command) {
  places_.emplace_back().command = command;
  return first_ + places_.size() - 1;
}

ByteBuffer& ReplyQueue::push_ready() {
  INVARIANT(!places_.empty());
  Place& place = places_.emplace_back();
  place.ready = true;
  return place.reply;
}

void ReplyQueue::settle() {
  bytes_ += places_.back().reply.size();
}

ReplyQueue::Waiting ReplyQueue::complete(Ticket ticket, std::string_view reply, ByteBuffer& out) {
  INVARIANT(ticket >= first_ && ticket - first_ < places_.size());
  Place& place = places_[ticket - first_];
  INVARIANT(!place.ready);
  place.ready = true;
  const bool is_next = ticket == first_ || broken(Bug::kSwappedReplies);
  const Waiting command = place.command;
  if (!command.muted && is_next) {
    out.append(reply);
  } else if (!command.muted) {
    place.reply.append(reply);
    bytes_ += reply.size();
  }
  release_ready(out);
  return command;
}

const ReplyQueue::Waiting& ReplyQueue::waiting(Ticket ticket) const {
  INVARIANT(ticket >= first_ && ticket - first_ < places_.size());
  return places_[ticket - first_].command;
}

void ReplyQueue::release_ready(ByteBuffer& out) {
  while (!places_.empty() && places_.front().ready) {
    const ByteBuffer& reply = places_.front().reply;
    bytes_ -= reply.size();
    out.append(reply.view());
    places_.pop_front();
    ++first_;
  }
}

void ReplyQueue::clear() {
  first_ += places_.size();
  places_.clear();
  bytes_ = 0;
}

}  // namespace ringhold
