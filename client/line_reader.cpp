#include "client/line_reader.h"

#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/base/limits.h"

namespace ringhold::client {

Result<bool> LineReader::fill() {
  pending_.consume(taken_);
  taken_ = 0;
  if (pending_.size() > limits::kRequestBytesMax) {
    return Error{fmt::format("line {} of the input is longer than {} MB, the most that a command may have",
                             lines_ + 1, limits::kRequestBytesMax / limits::kMiB)};
  }
  while (true) {
    const ssize_t got = ::read(input_, pending_.prepare(limits::kReadChunkBytes), limits::kReadChunkBytes);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{fmt::format("cannot read the commands: {}", std::strerror(errno))};
    pending_.commit(static_cast<std::size_t>(got));
    at_end_ = got == 0;
    return !at_end_;
  }
}

bool LineReader::would_wait() const {
  pollfd descriptor{.fd = input_, .events = POLLIN, .revents = 0};
  return ::poll(&descriptor, 1, 0) == 0;
}

bool LineReader::next(std::string_view& line) {
  const std::string_view rest = pending_.view().substr(taken_);
  const std::size_t searched = taken_ == 0 ? searched_ : 0;
  const std::size_t newline = rest.find('\n', searched);
  if (newline == std::string_view::npos && !(at_end_ && !rest.empty())) {
    searched_ = rest.size();
    return false;
  }
  line = rest.substr(0, newline);
  const std::size_t taken = newline == std::string_view::npos ? rest.size() : newline + 1;
  taken_ += taken;
  bytes_ += taken;
  ++lines_;
  searched_ = 0;
  return true;
}

}  // namespace ringhold::client
