#include "client/format_json.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

namespace ringhold::client {

namespace {

using Kind = ReplyValue::Kind;

unsigned byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

// Precondition: is_utf8(text).
void append_string(std::string& out, std::string_view text) {
  constexpr std::string_view kEscaped = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  out += '"';
  for (const char c : text) {
    if (const auto at = kEscaped.find(c); at != std::string_view::npos) {
      out += '\\';
      out += kLetters[at];
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_bytes(std::string& out, std::string_view bytes) {
  if (is_utf8(bytes)) {
    append_string(out, bytes);
  } else {
    out += "{\"base64\":\"" + base64(bytes) + "\"}";
  }
}

void append_double(std::string& out, const ReplyValue& reply) {
  if (std::isfinite(reply.number)) {
    fmt::format_to(std::back_inserter(out), "{}",
                   reply.number);  // the shortest text that reads back the same
  } else {
    append_string(out, reply.text);
  }
}

bool is_text(const ReplyValue& reply) {
  const bool string =
      reply.kind == Kind::kSimple || reply.kind == Kind::kBulk || reply.kind == Kind::kVerbatim;
  return string && is_utf8(reply.text);
}

// Whether the map can be a JSON object without losing anything.
bool has_object_keys(const ReplyValue& map) {
  std::set<std::string_view> keys;
  for (std::size_t i = 0; i + 1 < map.elements.size(); i += 2) {
    if (!is_text(map.elements[i]) || !keys.insert(map.elements[i].text).second) return false;
  }
  return true;
}

void append_json(std::string& out, const ReplyValue& reply);

void append_map(std::string& out, const ReplyValue& map) {
  const bool object = has_object_keys(map);
  out += object ? '{' : '[';
  for (std::size_t i = 0; i + 1 < map.elements.size(); i += 2) {
    if (i > 0) out += ',';
    if (!object) out += '[';
    append_json(out, map.elements[i]);
    out += object ? ':' : ',';
    append_json(out, map.elements[i + 1]);
    if (!object) out += ']';
  }
  out += object ? '}' : ']';
}

void append_json(std::string& out, const ReplyValue& reply) {
  switch (reply.kind) {
    case Kind::kSimple:
    case Kind::kBulk:
    case Kind::kVerbatim:
    case Kind::kBigNumber:
      append_bytes(out, reply.text);
      return;
    case Kind::kError:
      out += "{\"error\":";
      append_bytes(out, reply.text);
      out += '}';
      return;
    case Kind::kInteger:
      fmt::format_to(std::back_inserter(out), "{}", reply.integer);
      return;
    case Kind::kDouble:
      append_double(out, reply);
      return;
    case Kind::kNull:
    case Kind::kNullArray:
      out += "null";
      return;
    case Kind::kBoolean:
      out += reply.integer != 0 ? "true" : "false";
      return;
    case Kind::kMap:
      append_map(out, reply);
      return;
    case Kind::kArray:
    case Kind::kSet:
    case Kind::kPush:
      out += '[';
      for (std::size_t i = 0; i < reply.elements.size(); ++i) {
        if (i > 0) out += ',';
        append_json(out, reply.elements[i]);
      }
      out += ']';
      return;
  }
}

// The length of the UTF-8 sequence at `i`, 0 if there is none.
std::size_t sequence_length(std::string_view bytes, std::size_t i) {
  const unsigned lead = byte_at(bytes, i);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || i + length > bytes.size()) return 0;
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte_at(bytes, i + k) & 0xc0U) != 0x80U) return 0;
  }
  const unsigned second = byte_at(bytes, i + 1);
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool surrogate = lead == 0xed && second >= 0xa0;
  const bool too_large = lead == 0xf4 && second >= 0x90;
  return overlong || surrogate || too_large ? 0 : length;
}

}  // namespace

std::string format_json(const ReplyValue& reply) {
  std::string out;
  append_json(out, reply);
  return out;
}

bool is_utf8(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t length = sequence_length(bytes, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8U | (k < count ? byte_at(bytes, i + k) : 0);
    for (std::size_t k = 0; k < 4; ++k) out += k <= count ? kDigits[(group >> (18 - 6 * k)) & 63U] : '=';
  }
  return out;
}

}  // namespace ringhold::client
