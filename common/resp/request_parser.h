// Incremental parser of requests: RESP arrays of bulk strings, and inline commands.
//
// It copies nothing: arguments are views into the caller's buffer, valid until that buffer changes. A request
// that is not complete yet stays in the buffer, and the parser remembers how far it got, so that no byte is
// looked at twice however slowly it comes.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/limits.h"

namespace ringhold {

struct RequestLimits {
  std::size_t bulk_bytes_max = limits::kBulkBytesMax;
  std::size_t arguments_max = limits::kArgumentsMax;
  std::size_t inline_bytes_max = limits::kInlineBytesMax;
  std::size_t request_bytes_max = limits::kRequestBytesMax;
};

class RequestParser {
 public:
  enum class Status { kNeedMore, kRequest, kError };

  explicit RequestParser(RequestLimits limits = {}) : limits_(limits) {}
  void set_limits(const RequestLimits& limits) { limits_ = limits; }

  // `input` starts at the first byte of a request. While the answer is kNeedMore, call again with the same bytes and
  // more behind them (they may have moved). After kRequest the caller uses args(), drops consumed() bytes from the
  // front, and calls again. kError is final: the text is error(), and the connection must be closed after it was sent.
  // An empty request (a bare newline, "*0") gives kRequest with no args; the caller ignores it.
  Status next(std::string_view input);

  std::span<const std::string_view> args() const { return args_; }
  std::size_t consumed() const { return consumed_; }
  // Redis's text, without the leading '-': "ERR Protocol error: invalid bulk length".
  const std::string& error() const { return error_; }
  // After kNeedMore: how long the buffer will at least become, if known (a bulk string's header was read), else 0.
  std::size_t bytes_expected() const { return bytes_expected_; }

 private:
  RequestLimits limits_;
  std::vector<std::string_view> args_;
  std::size_t consumed_ = 0;
  std::size_t bytes_expected_ = 0;
  std::string error_;
};

}  // namespace ringhold
