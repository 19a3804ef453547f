#include "cluster/topology/located_json.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "common/base/limits.h"
#include "common/base/text.h"

namespace ringhold {

namespace {

// Where the lexer is. It reads one character beyond a number, so the line that counts is that of the last
// character that is no blank.
struct ReadPosition {
  std::size_t line = 1;
  std::size_t token_line = 1;
  char last = ' ';  // the last one that is no blank

  void read(char c) {
    if (c == '\n') ++line;
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') return;
    token_line = line;
    last = c;
  }
};

// Walks over text and keeps a ReadPosition up to date.
class LocatingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  LocatingIterator(const char* at, ReadPosition* position) : at_(at), position_(position) {}
  reference operator*() const { return *at_; }
  LocatingIterator& operator++() {
    position_->read(*at_++);
    return *this;
  }
  LocatingIterator operator++(int) {
    LocatingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const LocatingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const LocatingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  ReadPosition* position_;
};

// Builds the tree from the parser's events; an event that returns false ends the parse.
class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit TreeBuilder(const ReadPosition& position) : position_(position) {}

  Result<JsonValue> result() && {
    if (error_) return *error_;
    INVARIANT(root_.has_value());
    return std::move(*root_);
  }

  bool null() override { return add(JsonOther{"null"}); }
  bool boolean(bool value) override { return add(JsonOther{value ? "true" : "false"}); }
  bool number_integer(number_integer_t value) override {
    return add(JsonOther{"the number " + std::to_string(value)});
  }
  bool number_unsigned(number_unsigned_t value) override { return add(std::uint64_t{value}); }
  bool number_float(number_float_t /*value*/, const string_t& text) override {
    return add(JsonOther{"the number " + printable(text)});
  }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t& /*value*/) override { return fail("binary values are not JSON"); }

  bool start_object(std::size_t /*size*/) override { return open(JsonObject{}); }
  bool key(string_t& name) override {
    auto& members = std::get<JsonObject>(open_.back().value);
    for (const JsonMember& member : members) {
      if (member.name != name) continue;
      return fail(fmt::format("\"{}\" stands twice in one object (first on line {}); keep one of them",
                              printable(name), member.line));
    }
    if (members.size() == limits::kJsonMembersMax) {
      return fail(fmt::format("more than {} members in one object", limits::kJsonMembersMax));
    }
    members.push_back({std::move(name), position_.token_line, {}});
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*size*/) override { return open(JsonArray{}); }
  bool end_array() override { return close(); }

  bool parse_error(std::size_t /*byte*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    return fail(explain(error.what()));
  }

 private:
  using Value = decltype(JsonValue::value);

  bool fail(std::string_view what) {
    error_ = error_at(position_.token_line, "{}", what);
    return false;
  }

  bool open(Value value) {
    if (open_.size() == limits::kJsonDepthMax) {
      return fail(fmt::format("lists and objects are nested more than {} deep", limits::kJsonDepthMax));
    }
    open_.push_back({position_.token_line, std::move(value)});
    return true;
  }

  bool close() {
    JsonValue closed = std::move(open_.back());
    open_.pop_back();
    return attach(std::move(closed));
  }

  bool add(Value value) { return attach({position_.token_line, std::move(value)}); }

  // A complete value goes to what it stands in.
  bool attach(JsonValue value) {
    if (++values_ > limits::kJsonValuesMax) {
      return fail(fmt::format("more than {} values in one file", limits::kJsonValuesMax));
    }
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (auto* array = std::get_if<JsonArray>(&open_.back().value)) {
      array->push_back(std::move(value));
    } else {
      std::get<JsonObject>(open_.back().value).back().value = std::move(value);
    }
    return true;
  }

  // The parser's own words without its prefixes, and advice for the mistakes that people make most.
  std::string explain(std::string_view words) const {
    const auto says = [words](std::string_view part) { return words.find(part) != std::string_view::npos; };
    const char last = position_.last;
    if (says("invalid literal") && (last == '/' || last == '#')) {
      return "JSON has no comments; remove this one";
    }
    const std::size_t prefix = words.find("] ");
    if (prefix != std::string_view::npos) words.remove_prefix(prefix + 2);
    const std::size_t where = words.find("syntax error");
    if (where != std::string_view::npos) words.remove_prefix(where);
    std::string_view advice;
    if (says("unexpected '}'") || says("unexpected ']'")) advice = "; is there a comma too many before it?";
    if (says("unexpected end of input")) advice = "; is the file complete?";
    return fmt::format("this is not JSON: {}{}", printable(words, kParserWordsMax), advice);
  }

  static constexpr std::size_t kParserWordsMax = 300;

  const ReadPosition& position_;
  std::vector<JsonValue> open_;  // the containers that the parser is in, outermost first
  std::optional<JsonValue> root_;
  std::optional<Error> error_;
  std::size_t values_ = 0;
};

}  // namespace

std::string JsonValue::description() const {
  if (const auto* other = std::get_if<JsonOther>(&value)) return other->text;
  if (const auto* whole = number()) return fmt::format("the number {}", *whole);
  if (const auto* text = string()) return fmt::format("the text '{}'", printable(*text));
  return array() != nullptr ? "a list" : "an object";
}

Result<JsonValue> parse_located_json(std::string_view text) {
  if (text.size() > limits::kServersFileBytesMax) {
    return error_at(1, "the file has {} bytes; the most is {}", text.size(), limits::kServersFileBytesMax);
  }
  ReadPosition position;
  TreeBuilder builder(position);
  const char* end = text.data() + text.size();
  nlohmann::json::sax_parse(LocatingIterator(text.data(), &position), LocatingIterator(end, &position),
                            &builder);
  return std::move(builder).result();
}

}  // namespace ringhold
