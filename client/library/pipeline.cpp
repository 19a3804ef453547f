#include "ringhold/pipeline.h"

#include "common/base/limits.h"

namespace ringhold {

std::size_t Pipeline::commands_max() {
  return limits::kPipelineCommandsMax;
}

std::size_t Pipeline::bytes_max() {
  return limits::kPipelineBytesMax;
}

void Pipeline::add(std::vector<std::string> args) {
  std::size_t bytes = 0;
  for (const std::string& arg : args) bytes += arg.size();
  const bool fits = size() < commands_max() && bytes_ + bytes <= bytes_max();
  if (!empty() && !fits) {
    overflows_ = true;
    return;
  }
  bytes_ += bytes;
  commands_.push_back(std::move(args));
}

bool Pipeline::half_full() const {
  return size() >= commands_max() / 2 || bytes_ >= bytes_max() / 2;
}

void Pipeline::clear() {
  commands_.clear();
  bytes_ = 0;
  overflows_ = false;
}

}  // namespace ringhold
