// JSON in which every value knows its line: what a configuration file is read into, so that an error about
// the meaning of a value can say where it stands.
//
// Reads what RFC 8259 allows, in UTF-8, with or without a byte order mark; comments and trailing commas are
// errors. Members keep the order of the file; a member that is named twice in one object is an error.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.h"

namespace ringhold {

struct JsonValue;
struct JsonMember;

// A number that is no uint64, a boolean or null: `text` shows it in a message.
struct JsonOther {
  std::string text;
};
using JsonArray = std::vector<JsonValue>;
using JsonObject = std::vector<JsonMember>;

struct JsonValue {
  std::size_t line = 1;  // on which the value begins
  std::variant<JsonOther, std::uint64_t, std::string, JsonArray, JsonObject> value;

  // Null if this is of another kind.
  const std::uint64_t* number() const { return std::get_if<std::uint64_t>(&value); }
  const std::string* string() const { return std::get_if<std::string>(&value); }
  const JsonArray* array() const { return std::get_if<JsonArray>(&value); }
  const JsonObject* object() const { return std::get_if<JsonObject>(&value); }
  // What this is, for a message: "the number 7", "the text 'x'", "a list", "an object", "null".
  std::string description() const;
};

struct JsonMember {
  std::string name;
  std::size_t line = 1;  // of the name
  JsonValue value;
};

// "line 7: " and the rest.
template <typename... Args>
Error error_at(std::size_t line, fmt::format_string<Args...> format, Args&&... args) {
  return {fmt::format("line {}: {}", line, fmt::format(format, std::forward<Args>(args)...))};
}

// Errors are made by error_at. Text larger than limits::kServersFileBytesMax, more than
// limits::kJsonValuesMax values, and nesting deeper than limits::kJsonDepthMax are refused.
Result<JsonValue> parse_located_json(std::string_view text);

}  // namespace ringhold
