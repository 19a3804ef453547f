#include "dataserver/housekeeping.h"

#include "common/base/limits.h"

namespace ringhold {

Housekeeping::Housekeeping(Node& node)
    : node_(node),
      expiry_timer_(node.world.scheduler.make_timer([this] { expire(); })),
      free_timer_(node.world.scheduler.make_timer([this] { free_memory(); })),
      sample_timer_(node.world.scheduler.make_timer([this] { sample(); })) {}

void Housekeeping::start() {
  expiry_timer_->start(limits::kExpiryInterval);
  free_timer_->start(limits::kFreeInterval);
  sample_timer_->start(limits::kRateSampleInterval);
}

void Housekeeping::expire() {
  const bool more = node_.store.expire_slice(node_.log_time(), limits::kExpirySliceKeys).more;
  expiry_timer_->start(more ? limits::kExpiryPause : limits::kExpiryInterval);
}

void Housekeeping::free_memory() {
  const bool more = node_.store.free_slice(limits::kFreeSliceEntries);
  free_timer_->start(more ? limits::kFreePause : limits::kFreeInterval);
}

void Housekeeping::sample() {
  node_.stats.sample(node_.world.clock.turn_time(), node_.store.used_bytes());
  sample_timer_->start(limits::kRateSampleInterval);
}

}  // namespace ringhold
