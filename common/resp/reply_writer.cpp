#include "common/resp/reply_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "common/base/check.h"

namespace ringhold {

namespace {

// Room for a type byte, the longest 64-bit number with its sign, and CR LF.
constexpr std::size_t kHeaderBytesMax = 1 + 20 + 2;

char* put(char* at, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}

char* put_crlf(char* at) {
  *at++ = '\r';
  *at++ = '\n';
  return at;
}

// "<type><number>\r\n". Precondition: kHeaderBytesMax bytes of room.
template <typename Number>
char* put_header(char* at, char type, Number number) {
  *at++ = type;
  // Most lengths and counts have one digit.
  if (number >= 0 && number < 10) {
    *at++ = static_cast<char>('0' + number);
  } else {
    at = std::to_chars(at, at + kHeaderBytesMax, number).ptr;
  }
  return put_crlf(at);
}

// The text of a double with 17 significant digits, which is what C's "%.17g" prints, in no locale.
std::string_view format_double(double value, std::array<char, 40>& storage) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  const auto [end, code] =
      std::to_chars(storage.data(), storage.data() + storage.size(), value, std::chars_format::general, 17);
  INVARIANT(code == std::errc{});
  return {storage.data(), static_cast<std::size_t>(end - storage.data())};
}

}  // namespace

void ReplyWriter::simple(std::string_view text) {
  char* const begin = out_->prepare(text.size() + 3);
  *begin = '+';
  out_->commit(static_cast<std::size_t>(put_crlf(put(begin + 1, text)) - begin));
}

void ReplyWriter::error(std::string_view text) {
  char* const begin = out_->prepare(text.size() + 3);
  char* at = begin;
  *at++ = '-';
  for (const char c : text) *at++ = c == '\r' || c == '\n' ? ' ' : c;
  out_->commit(static_cast<std::size_t>(put_crlf(at) - begin));
}

void ReplyWriter::integer(std::int64_t value) {
  char* const begin = out_->prepare(kHeaderBytesMax);
  out_->commit(static_cast<std::size_t>(put_header(begin, ':', value) - begin));
}

void ReplyWriter::bulk(std::string_view bytes) {
  char* const begin = out_->prepare(kHeaderBytesMax + bytes.size() + 2);
  char* const at = put(put_header(begin, '$', bytes.size()), bytes);
  out_->commit(static_cast<std::size_t>(put_crlf(at) - begin));
}

void ReplyWriter::header(char type, std::size_t count) {
  char* const begin = out_->prepare(kHeaderBytesMax);
  out_->commit(static_cast<std::size_t>(put_header(begin, type, count) - begin));
}

void ReplyWriter::number(double value) {
  std::array<char, 40> storage;
  const std::string_view text = format_double(value, storage);
  if (!is_resp3()) {
    bulk(text);
    return;
  }
  char* const begin = out_->prepare(text.size() + 3);
  *begin = ',';
  out_->commit(static_cast<std::size_t>(put_crlf(put(begin + 1, text)) - begin));
}

void ReplyWriter::number_text(double value) {
  std::array<char, 40> storage;
  bulk(format_double(value, storage));
}

void ReplyWriter::big_number(std::string_view digits) {
  if (!is_resp3()) {
    bulk(digits);
    return;
  }
  char* const begin = out_->prepare(digits.size() + 3);
  *begin = '(';
  out_->commit(static_cast<std::size_t>(put_crlf(put(begin + 1, digits)) - begin));
}

void ReplyWriter::verbatim(std::string_view text, std::string_view format) {
  INVARIANT(format.size() == 3);
  if (!is_resp3()) {
    bulk(text);
    return;
  }
  char* const begin = out_->prepare(kHeaderBytesMax + text.size() + 6);
  char* at = put(put_header(begin, '=', text.size() + 4), format);
  *at++ = ':';
  at = put_crlf(put(at, text));
  out_->commit(static_cast<std::size_t>(at - begin));
}

}  // namespace ringhold
