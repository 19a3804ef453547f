#include "client/format_json.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

#include "common/base/json_text.h"

namespace ringhold::client {

namespace {

using Kind = ReplyValue::Kind;

void append_double(std::string& out, const ReplyValue& reply) {
  if (std::isfinite(reply.number)) {
    fmt::format_to(std::back_inserter(out), "{}",
                   reply.number);  // the shortest text that reads back the same
  } else {
    append_json_text(out, reply.text);
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
      append_json_bytes(out, reply.text);
      return;
    case Kind::kError:
      out += "{\"error\":";
      append_json_bytes(out, reply.text);
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

}  // namespace

std::string format_json(const ReplyValue& reply) {
  std::string out;
  append_json(out, reply);
  return out;
}

}  // namespace ringhold::client
