// Incremental parser of requests: RESP arrays of bulk strings, and inline commands. What it accepts, and what
// it says when it does not, is Redis 7's, except that nothing depends on how the bytes are split.
//
// It copies nothing: arguments are views into the caller's buffer (of inline commands: into the parser),
// valid until that buffer changes or next() is called again. A request that is not complete yet stays in the
// buffer, and the parser remembers how far it got, so that no byte is searched twice however slowly it comes.
// Nothing is reserved for what was merely announced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/limits.h"

namespace ringhold {

struct RequestLimits {
  std::size_t bulk_bytes_max = limits::kBulkBytesMax;
  std::size_t arguments_max = limits::kArgumentsMax;
  std::size_t inline_bytes_max = limits::kInlineBytesMax;  // also of a header line
  std::size_t request_bytes_max = limits::kRequestBytesMax;
  // The errors say that it is for want of AUTH that more is not accepted.
  bool unauthenticated = false;

  // For clients that have not authenticated yet.
  static RequestLimits before_auth() {
    return {.bulk_bytes_max = limits::kUnauthenticatedBulkBytesMax,
            .arguments_max = limits::kUnauthenticatedArgumentsMax,
            .unauthenticated = true};
  }
};

class RequestParser {
 public:
  enum class Status { kNeedMore, kRequest, kError };

  explicit RequestParser(const RequestLimits& limits = {}) : limits_(limits) {}
  // They count for every header read from now on.
  void set_limits(const RequestLimits& limits) { limits_ = limits; }

  // `input` starts at the first byte of a request. While the answer is kNeedMore, call again with the same
  // bytes and more behind them (they may have moved). After kRequest the caller uses args(), drops consumed()
  // bytes from the front, and calls again. kError is final: the text is error(), and the connection must be
  // closed after it was sent. An empty request (a bare newline, "*0") gives kRequest with no args; the caller
  // ignores it.
  Status next(std::string_view input);

  std::span<const std::string_view> args() const { return args_; }
  std::size_t consumed() const { return consumed_; }
  // Redis's text, without the leading '-': "ERR Protocol error: invalid bulk length".
  const std::string& error() const { return error_; }
  // After kNeedMore: how long the buffer will at least become, if known (a bulk string's header was read),
  // else 0.
  std::size_t bytes_expected() const { return bytes_expected_; }

  // Frees what a large request left behind; args() is empty afterwards. For connections that fall idle.
  void release_memory();

 private:
  enum class Header { kRead, kNeedMore, kTooLong, kNotANumber };
  struct Part {
    std::size_t offset;
    std::size_t length;
  };

  Status next_inline(std::string_view input);
  Status next_multibulk(std::string_view input);
  // Each returns kRequest for "go on".
  Status read_count(std::string_view input);
  Status read_bulk_length(std::string_view input);
  // Reads "<type><number>\r\n" at at_, and moves at_ behind it.
  Header read_header(std::string_view input, std::int64_t& number);
  Header read_header_slowly(std::string_view input, std::int64_t& number);
  Status complete(std::size_t consumed);
  Status fail(std::string_view what);

  RequestLimits limits_;
  std::vector<std::string_view> args_;
  std::size_t consumed_ = 0;
  std::size_t bytes_expected_ = 0;
  std::string error_;

  // How far the current request has been understood. Offsets, because the buffer may move in between.
  std::size_t at_ = 0;               // the first byte that has not been understood
  std::size_t searched_ = 0;         // no line ends before this
  std::size_t missing_ = 0;          // arguments still to come; 0: the count has not been read
  std::optional<std::size_t> bulk_;  // the length of the argument at at_, if its header has been read
  std::vector<Part> parts_;          // the arguments so far
  std::string unquoted_;             // holds the arguments of an inline command
};

}  // namespace ringhold
