#include "cluster/topology/servers_watch.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "common/base/limits.h"

namespace ringhold {

namespace {

bool same(const Result<std::string>& a, const Result<std::string>& b) {
  if (a.ok() != b.ok()) return false;
  return a.ok() ? *a == *b : a.error().message == b.error().message;
}

// Errors of reading name the file, those of its content do not.
Result<ServersFile> interpret(const std::string& path, const Result<std::string>& content) {
  if (!content) return content.error();
  auto file = parse_servers_file(*content);
  if (!file) return Error{fmt::format("{}: {}", path, file.error().message)};
  return file;
}

}  // namespace

ServersWatch::ServersWatch(World world, std::string path, OnChange on_change)
    : world_(world),
      path_(std::move(path)),
      on_change_(std::move(on_change)),
      debounce_(world.scheduler.make_timer([this] { read(); })) {}

ServersWatch::~ServersWatch() = default;

Result<ServersFile> ServersWatch::start() {
  // Watched first, so that no change falls between the two.
  auto watched = world_.disk.watch_file(path_, [this] { on_sign_of_change(); });
  if (!watched) return watched.error();
  watch_ = std::move(*watched);
  content_ = world_.disk.read_file(path_, limits::kServersFileBytesMax);
  return interpret(path_, content_);
}

void ServersWatch::on_sign_of_change() {
  const MonoTime now = world_.clock.turn_time();
  if (!changing_since_) changing_since_ = now;
  const std::chrono::microseconds left = *changing_since_ + limits::kFileDebounceMax - now;
  const std::chrono::microseconds quiet = limits::kFileDebounce;
  debounce_->start(std::clamp(left, std::chrono::microseconds(0), quiet));
}

void ServersWatch::read() {
  changing_since_.reset();
  auto content = world_.disk.read_file(path_, limits::kServersFileBytesMax);
  if (same(content, content_)) return;
  content_ = std::move(content);
  auto file = interpret(path_, content_);
  if (!file) file = Error{file.error().message + "; the running topology stays"};
  on_change_(file, content_.ok() ? *content_ : "");
}

}  // namespace ringhold
