#include "dataserver/housekeeping.h"

#include "common/base/limits.h"

namespace ringhold {

Housekeeping::Housekeeping(Node& node)
    : node_(node),
      expiry_timer_(node.world.scheduler.make_timer([this] { expire(); })),
      free_timer_(node.world.scheduler.make_timer([this] { free_memory(); })),
      backup_timer_(node.world.scheduler.make_timer([this] { back_up(); })),
      sample_timer_(node.world.scheduler.make_timer([this] { sample(); })) {}

void Housekeeping::start() {
  expiry_timer_->start(limits::kExpiryInterval);
  free_timer_->start(limits::kFreeInterval);
  sample_timer_->start(limits::kRateSampleInterval);
  if (node_.backup != nullptr && node_.options.backup_interval.count() > 0) {
    backup_timer_->start(node_.options.backup_interval);
  }
}

void Housekeeping::back_up() {
  if (node_.backup->figures().changes_since > 0) node_.backup->start(BackupJob::Pace::kGentle, {});
  backup_timer_->start(node_.options.backup_interval);
}

void Housekeeping::expire() {
  const bool more = node_.store.expire_slice(node_.log_time(), limits::kExpirySliceKeys).more;
  expiry_timer_->start(more ? limits::kExpiryPause : limits::kExpiryInterval);
}

void Housekeeping::free_memory() {
  const Clock& clock = node_.world.clock;
  const MonoTime started = clock.now();
  bool more = node_.evict_slice();
  bool to_free = true;
  for (int i = 0; i < limits::kFreeSlicesPerTurn && to_free; ++i) {
    to_free = node_.store.free_slice(limits::kFreeSliceEntries);
    if (clock.now() - started >= limits::kFreeTimePerTurn) break;
  }
  more = more || to_free;
  free_timer_->start(more ? limits::kFreePause : limits::kFreeInterval);
  node_.note_room();
}

void Housekeeping::sample() {
  node_.stats.sample(node_.world.clock.turn_time(), node_.store.used_bytes());
  if (node_.on_sample) node_.on_sample();
  sample_timer_->start(limits::kRateSampleInterval);
}

}  // namespace ringhold
