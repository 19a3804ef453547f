#include "common/resp/request_parser.h"

#include <algorithm>
#include <cstring>

#include "common/base/text.h"
#include "common/resp/split_arguments.h"

namespace ringhold {

namespace {

// Room for this many arguments is kept between requests; a longer list is freed.
constexpr std::size_t kArgumentsKept = 256;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The offset of `byte` at or after `from` and before `end`, or npos.
std::size_t find_byte(std::string_view input, char byte, std::size_t from, std::size_t end) {
  if (from >= end) return std::string_view::npos;
  const void* found = std::memchr(input.data() + from, byte, end - from);
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - input.data());
}

}  // namespace

RequestParser::Status RequestParser::next(std::string_view input) {
  if (!error_.empty()) return Status::kError;
  bytes_expected_ = 0;
  if (input.empty()) return Status::kNeedMore;
  return input.front() == '*' ? next_multibulk(input) : next_inline(input);
}

RequestParser::Status RequestParser::next_inline(std::string_view input) {
  const std::size_t end = std::min(input.size(), limits_.inline_bytes_max + 1);
  const std::size_t newline = find_byte(input, '\n', searched_, end);
  if (newline == std::string_view::npos) {
    if (input.size() > limits_.inline_bytes_max) return fail("too big inline request");
    searched_ = input.size();
    return Status::kNeedMore;
  }
  std::string_view line = input.substr(0, newline);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (!split_arguments(line, unquoted_, args_)) return fail("unbalanced quotes in request");
  return complete(newline + 1);
}

RequestParser::Status RequestParser::next_multibulk(std::string_view input) {
  if (missing_ == 0) {
    if (const Status status = read_count(input); status != Status::kRequest) return status;
  }
  while (missing_ > 0) {
    if (!bulk_) {
      if (const Status status = read_bulk_length(input); status != Status::kRequest) return status;
    }
    // Like Redis, it does not look at the two bytes behind the argument: where a length lies, the next header
    // is wrong.
    const std::size_t end = at_ + *bulk_ + 2;
    if (input.size() < end) {
      bytes_expected_ = end;
      return Status::kNeedMore;
    }
    parts_.push_back({at_, *bulk_});
    at_ = end;
    bulk_.reset();
    --missing_;
  }
  args_.resize(parts_.size());
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    args_[i] = {input.data() + parts_[i].offset, parts_[i].length};
  }
  return complete(at_);
}

RequestParser::Status RequestParser::read_count(std::string_view input) {
  std::int64_t count = 0;
  switch (read_header(input, count)) {
    case Header::kNeedMore:
      return Status::kNeedMore;
    case Header::kTooLong:
      return fail("too big mbulk count string");
    case Header::kNotANumber:
      return fail("invalid multibulk length");
    case Header::kRead:
      break;
  }
  if (count > 0 && static_cast<std::size_t>(count) > limits_.arguments_max) {
    const bool for_want_of_auth =
        limits_.unauthenticated && static_cast<std::size_t>(count) <= limits::kArgumentsMax;
    return fail(for_want_of_auth ? "unauthenticated multibulk length" : "invalid multibulk length");
  }
  missing_ = count > 0 ? static_cast<std::size_t>(count) : 0;
  return Status::kRequest;
}

RequestParser::Status RequestParser::read_bulk_length(std::string_view input) {
  if (at_ < input.size() && input[at_] != '$') {
    return fail(std::string("expected '$', got '") + input[at_] + "'");
  }
  std::int64_t length = 0;
  switch (read_header(input, length)) {
    case Header::kNeedMore:
      return Status::kNeedMore;
    case Header::kTooLong:
      return fail("too big bulk count string");
    case Header::kNotANumber:
      return fail("invalid bulk length");
    case Header::kRead:
      break;
  }
  if (length < 0) return fail("invalid bulk length");
  const auto bytes = static_cast<std::size_t>(length);
  if (bytes > limits_.bulk_bytes_max) {
    const bool for_want_of_auth = limits_.unauthenticated && bytes <= limits::kBulkBytesMax;
    return fail(for_want_of_auth ? "unauthenticated bulk length" : "invalid bulk length");
  }
  if (at_ + bytes + 2 > limits_.request_bytes_max) return fail("too big request");
  bulk_ = bytes;
  return Status::kRequest;
}

RequestParser::Header RequestParser::read_header(std::string_view input, std::int64_t& number) {
  // Nearly every header is complete and has a few digits; anything else goes the long way.
  const std::size_t available = input.size() - at_;
  if (available >= 4) [[likely]] {
    const char* const digits = input.data() + at_ + 1;
    const std::size_t digits_max = std::min<std::size_t>(available - 3, 9);
    std::size_t count = 0;
    std::int64_t value = 0;
    while (count < digits_max && is_digit(digits[count])) value = value * 10 + (digits[count++] - '0');
    if (digits[count] == '\r' && (digits[0] != '0' ? count > 0 : count == 1)) {
      at_ += count + 3;
      number = value;
      return Header::kRead;
    }
  }
  return read_header_slowly(input, number);
}

RequestParser::Header RequestParser::read_header_slowly(std::string_view input, std::int64_t& number) {
  const std::size_t end = std::min(input.size(), at_ + limits_.inline_bytes_max + 1);
  const std::size_t carriage_return = find_byte(input, '\r', std::max(searched_, at_), end);
  if (carriage_return == std::string_view::npos) {
    if (input.size() - at_ > limits_.inline_bytes_max) return Header::kTooLong;
    searched_ = input.size();
    return Header::kNeedMore;
  }
  searched_ = carriage_return;
  if (input.size() < carriage_return + 2) return Header::kNeedMore;
  const auto value = parse_int64(input.substr(at_ + 1, carriage_return - at_ - 1));
  if (!value) return Header::kNotANumber;
  number = *value;
  at_ = carriage_return + 2;
  return Header::kRead;
}

RequestParser::Status RequestParser::complete(std::size_t consumed) {
  consumed_ = consumed;
  at_ = searched_ = 0;
  parts_.clear();
  if (parts_.capacity() > kArgumentsKept) parts_.shrink_to_fit();
  return Status::kRequest;
}

RequestParser::Status RequestParser::fail(std::string_view what) {
  error_ = "ERR Protocol error: ";
  error_ += what;
  args_.clear();
  return Status::kError;
}

void RequestParser::release_memory() {
  args_.clear();
  if (args_.capacity() > kArgumentsKept) args_.shrink_to_fit();
  unquoted_.clear();
  if (unquoted_.capacity() > kArgumentsKept) unquoted_.shrink_to_fit();
}

}  // namespace ringhold
