#include "common/resp/reply_element.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "common/base/limits.h"
#include "common/base/text.h"
#include "common/resp/reply_number.h"

namespace ringhold {

namespace {

constexpr std::size_t kHeaderBytesMax = 32;  // more than any number that is in range needs

ElementRead need_more() {
  return {};
}
ElementRead failed(const char* error) {
  return {.status = ElementStatus::kError, .error = error};
}
ElementRead done(const ReplyElement& element) {
  return {.status = ElementStatus::kElement, .element = element};
}

bool is_line_type(char type) {
  return std::string_view("+-:_#,(").find(type) != std::string_view::npos;
}
bool is_bulk_type(char type) {
  return type == '$' || type == '!' || type == '=';
}
bool is_aggregate_type(char type) {
  return std::string_view("*%~>|").find(type) != std::string_view::npos;
}

// The line behind the type byte at `at`, without its end. Precondition: at < input.size().
struct Line {
  ElementStatus status = ElementStatus::kNeedMore;
  std::string_view text;
  const char* error = "";
};
Line read_line(std::string_view input, std::size_t at, std::size_t bytes_max, std::size_t& searched) {
  const std::size_t begin = at + 1;
  const std::size_t from = std::max(begin, searched);
  const std::size_t end = std::min(input.size(), begin + bytes_max + 1);
  const void* found = from < end ? std::memchr(input.data() + from, '\r', end - from) : nullptr;
  if (found == nullptr) {
    searched = input.size();
    if (input.size() > begin + bytes_max) return {ElementStatus::kError, {}, "line too long"};
    return {};
  }
  const auto carriage_return = static_cast<std::size_t>(static_cast<const char*>(found) - input.data());
  searched = carriage_return;
  if (input.size() < carriage_return + 2) return {};
  if (input[carriage_return + 1] != '\n') return {ElementStatus::kError, {}, "CR without LF"};
  return {ElementStatus::kElement, input.substr(begin, carriage_return - begin)};
}

const char* check_scalar(char type, std::string_view text, std::int64_t& integer) {
  switch (type) {
    case ':': {
      const auto value = parse_int64(text);
      integer = value.value_or(0);
      return value ? nullptr : "invalid integer";
    }
    case '_':
      return text.empty() ? nullptr : "invalid null";
    case '#':
      return text == "t" || text == "f" ? nullptr : "invalid boolean";
    case ',':
      return parse_reply_double(text) ? nullptr : "invalid double";
    case '(':
      return is_big_number(text) ? nullptr : "invalid big number";
    default:
      return nullptr;
  }
}

ElementRead read_line_element(std::string_view input, ReplyElement element, std::size_t at,
                              std::size_t& searched) {
  const Line line = read_line(input, at, limits::kReplyLineBytesMax, searched);
  if (line.status == ElementStatus::kNeedMore) return need_more();
  if (line.status == ElementStatus::kError) return failed(line.error);
  if (const char* error = check_scalar(element.type, line.text, element.integer)) return failed(error);
  element.payload = line.text;
  element.end = at + 1 + line.text.size() + 2;
  return done(element);
}

ElementRead read_bulk_element(std::string_view input, ReplyElement element, std::size_t header_end,
                              std::int64_t length) {
  if (length < 0 || static_cast<std::size_t>(length) > limits::kBulkBytesMax)
    return failed("invalid bulk length");
  const auto bytes = static_cast<std::size_t>(length);
  if (element.type == '=' && bytes < 4) return failed("invalid verbatim string");
  if (input.size() - header_end < bytes + 2) return need_more();
  element.payload = input.substr(header_end, bytes);
  element.end = header_end + bytes + 2;
  if (input[element.end - 2] != '\r' || input[element.end - 1] != '\n') {
    return failed("bulk string without CR LF behind it");
  }
  if (element.type == '=' && element.payload[3] != ':') return failed("invalid verbatim string");
  return done(element);
}

}  // namespace

ElementRead read_element(std::string_view input, std::size_t at, std::size_t& searched) {
  if (at >= input.size()) return need_more();
  ReplyElement element;
  element.type = input[at];
  if (is_line_type(element.type)) return read_line_element(input, element, at, searched);
  if (!is_bulk_type(element.type) && !is_aggregate_type(element.type)) return failed("unknown reply type");

  const Line header = read_line(input, at, kHeaderBytesMax, searched);
  if (header.status == ElementStatus::kNeedMore) return need_more();
  if (header.status == ElementStatus::kError) return failed("invalid length");
  if (header.text == "?") return failed("streamed replies are not supported");
  const auto number = parse_int64(header.text);
  if (!number) return failed("invalid length");
  element.end = at + 1 + header.text.size() + 2;
  if (*number == -1 && (element.type == '$' || element.type == '*')) {
    element.is_null = true;
    return done(element);
  }
  if (is_bulk_type(element.type)) return read_bulk_element(input, element, element.end, *number);
  if (*number < 0 || static_cast<std::size_t>(*number) > limits::kReplyElementsMax) {
    return failed("invalid number of elements");
  }
  const bool pairs = element.type == '%' || element.type == '|';
  element.children = static_cast<std::size_t>(*number) * (pairs ? 2 : 1);
  return done(element);
}

}  // namespace ringhold
