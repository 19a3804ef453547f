#include "common/resp/split_arguments.h"

#include <optional>

namespace ringhold {

namespace {

// C's isspace in the "C" locale.
bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// What ends an argument outside of quotes; fewer than what is skipped in front of one.
bool ends_word(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

char unescape(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return c;
  }
}

// Reads one line; at_ only moves forward.
class Splitter {
 public:
  Splitter(std::string_view line, std::string& storage) : line_(line), storage_(storage) {}

  // False at the end of the line.
  bool skip_blanks() {
    while (at_ < line_.size() && is_blank(line_[at_])) ++at_;
    return at_ < line_.size();
  }

  // Appends one argument to the storage; false if its quotes are unbalanced.
  bool take_argument() {
    while (at_ < line_.size() && !ends_word(line_[at_])) {
      const char c = line_[at_++];
      if (c == '"' || c == '\'') return c == '"' ? take_double_quoted() : take_single_quoted();
      storage_.push_back(c);
    }
    return true;
  }

 private:
  char peek(std::size_t ahead) const { return at_ + ahead < line_.size() ? line_[at_ + ahead] : '\0'; }

  // Both quoted forms end the argument: nothing may stand directly behind them.
  bool at_boundary() const { return at_ == line_.size() || is_blank(line_[at_]); }

  bool take_double_quoted() {
    while (at_ < line_.size()) {
      const char c = line_[at_++];
      if (c == '"') return at_boundary();
      if (c != '\\' || at_ == line_.size()) {
        storage_.push_back(c);
        continue;
      }
      const auto high = hex_digit(peek(1));
      const auto low = hex_digit(peek(2));
      if (peek(0) == 'x' && high && low) {
        storage_.push_back(static_cast<char>(*high * 16 + *low));
        at_ += 3;
      } else {
        storage_.push_back(unescape(line_[at_++]));
      }
    }
    return false;
  }

  bool take_single_quoted() {
    while (at_ < line_.size()) {
      const char c = line_[at_++];
      if (c == '\'') return at_boundary();
      if (c == '\\' && peek(0) == '\'') {
        storage_.push_back('\'');
        ++at_;
      } else {
        storage_.push_back(c);
      }
    }
    return false;
  }

  std::string_view line_;
  std::string& storage_;
  std::size_t at_ = 0;
};

}  // namespace

bool split_arguments(std::string_view line, std::string& storage, std::vector<std::string_view>& args) {
  storage.clear();
  args.clear();
  // Unquoting never makes a line longer, so the storage does not move while views into it are made.
  storage.reserve(line.size());
  Splitter splitter(line, storage);
  while (splitter.skip_blanks()) {
    const std::size_t begin = storage.size();
    if (!splitter.take_argument()) return false;
    args.emplace_back(storage.data() + begin, storage.size() - begin);
  }
  return true;
}

}  // namespace ringhold
