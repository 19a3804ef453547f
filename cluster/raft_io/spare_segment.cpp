#include "cluster/raft_io/spare_segment.h"

#include <utility>

#include "common/base/check.h"

namespace ringhold::raft_io {

SpareSegment::SpareSegment(const World& world, std::string path, Options options,
                           std::function<void()> on_change)
    : world_(world),
      path_(std::move(path)),
      options_(options),
      on_change_(std::move(on_change)),
      retry_(world.scheduler.make_timer([this] { make(); })) {}

void SpareSegment::make() {
  INVARIANT(!making_ && file_ == nullptr);
  making_ = true;
  const auto created = [this](Result<std::unique_ptr<WritableFile>> file) {
    if (!file.ok()) return made(file.error());
    file_ = std::move(*file);
    file_->allocate(options_.bytes, guard_.wrap([this](const Result<void>& outcome) { made(outcome); }));
  };
  world_.disk.create_file(path_, guard_.wrap(created));
}

void SpareSegment::made(const Result<void>& outcome) {
  making_ = false;
  if (!outcome.ok()) {
    failed(outcome.error().message);
  } else {
    why_not_.clear();
  }
  on_change_();
}

void SpareSegment::failed(std::string why) {
  file_.reset();
  why_not_ = std::move(why);
  retry_->start(options_.retry_pause);
}

}  // namespace ringhold::raft_io
