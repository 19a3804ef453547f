#include "client/key_reader.h"

#include <algorithm>

#include "client/characters.h"

namespace ringhold::client {

namespace {

constexpr std::string_view kPasteBegin = "\x1b[200~";
constexpr std::string_view kPasteEnd = "\x1b[201~";
// No terminal sends longer ones; what goes on is not a sequence.
constexpr std::size_t kSequenceBytesMax = 32;

struct Meaning {
  std::string_view bytes;  // behind the Escape
  KeyKind kind;
};
constexpr Meaning kMeanings[] = {
    {"[A", KeyKind::kUp},           {"[B", KeyKind::kDown},        {"[C", KeyKind::kRight},
    {"[D", KeyKind::kLeft},         {"[H", KeyKind::kHome},        {"[F", KeyKind::kEnd},
    {"OA", KeyKind::kUp},           {"OB", KeyKind::kDown},        {"OC", KeyKind::kRight},
    {"OD", KeyKind::kLeft},         {"OH", KeyKind::kHome},        {"OF", KeyKind::kEnd},
    {"[1~", KeyKind::kHome},        {"[4~", KeyKind::kEnd},        {"[7~", KeyKind::kHome},
    {"[8~", KeyKind::kEnd},         {"[3~", KeyKind::kDelete},     {"[Z", KeyKind::kBackTab},
    {"[1;5C", KeyKind::kWordRight}, {"[1;5D", KeyKind::kWordLeft}, {"[1;3C", KeyKind::kWordRight},
    {"[1;3D", KeyKind::kWordLeft},  {"OM", KeyKind::kEnter},
};

}  // namespace

void KeyReader::drop() {
  pending_.clear();
  at_ = 0;
  in_paste_ = after_return_ = false;
}

bool KeyReader::take_interrupt() {
  const std::size_t found = rest().find('\x03');
  if (found == std::string_view::npos || in_paste_ ||
      rest().substr(0, found).find(kPasteBegin) != std::string_view::npos) {
    return false;
  }
  take(found + 1);
  return true;
}

void KeyReader::take(std::size_t bytes) {
  at_ += bytes;
  constexpr std::size_t kWorthMoving = 4096;
  if (at_ == pending_.size()) {
    pending_.clear();
    at_ = 0;
  } else if (at_ >= kWorthMoving && at_ * 2 >= pending_.size()) {
    pending_.erase(0, at_);
    at_ = 0;
  }
}

std::optional<Key> KeyReader::next(bool no_more) {
  while (!rest().empty()) {
    const char first = rest().front();
    if (first == '\n' && after_return_) {
      after_return_ = false;
      take(1);
      continue;
    }
    after_return_ = false;
    if (in_paste_) return pasted();
    if (rest().starts_with(kPasteBegin)) {
      take(kPasteBegin.size());
      in_paste_ = true;
      continue;
    }
    if (first == '\x1b') return escape(no_more);
    if (first == '\r' || first == '\n') return enter();
    if (first == '\t') {
      take(1);
      return Key{KeyKind::kTab, {}};
    }
    if (first == '\x7f' || first == '\b') {
      take(1);
      return Key{KeyKind::kBackspace, {}};
    }
    if (static_cast<unsigned char>(first) < 0x20) {
      take(1);
      return Key{KeyKind::kControl, std::string(1, static_cast<char>(first + '@'))};
    }
    return character(no_more);
  }
  return std::nullopt;
}

std::optional<Key> KeyReader::enter() {
  after_return_ = rest().front() == '\r';
  const bool in_paste = in_paste_;
  take(1);
  return Key{KeyKind::kEnter, {}, in_paste};
}

std::optional<Key> KeyReader::pasted() {
  const std::string_view bytes = rest();
  if (bytes.front() == '\r' || bytes.front() == '\n') return enter();
  if (bytes.front() == '\x1b') {
    if (bytes.starts_with(kPasteEnd)) {
      take(kPasteEnd.size());
      in_paste_ = false;
      return next(false);
    }
    if (kPasteEnd.starts_with(bytes)) return std::nullopt;
    take(1);
    return Key{KeyKind::kText, "\x1b", true};
  }
  // All up to what needs a look: a large paste is not taken letter by letter.
  const std::size_t end = std::min(bytes.find_first_of("\r\n\x1b"), bytes.size());
  Key key{KeyKind::kText, std::string(bytes.substr(0, end)), true};
  take(end);
  return key;
}

std::optional<Key> KeyReader::character(bool no_more) {
  const std::string_view bytes = rest();
  const auto first = static_cast<unsigned char>(bytes.front());
  const std::size_t expected = first < 0xc0 ? 1U : first < 0xe0 ? 2U : first < 0xf0 ? 3U : 4U;
  if (!no_more && bytes.size() < expected) return std::nullopt;
  const CodePoint code_point = first_code_point(bytes);
  Key key{KeyKind::kText, std::string(bytes.substr(0, code_point.bytes))};
  take(code_point.bytes);
  return key;
}

std::optional<Key> KeyReader::escape(bool no_more) {
  if (rest().size() == 1) {
    if (!no_more) return std::nullopt;
    take(1);
    return Key{KeyKind::kEscape, {}};
  }
  const char second = rest()[1];
  if (second == '[' || second == 'O') return sequence(no_more);
  if (second == '\x1b') {  // Escape twice, or Alt with an arrow
    take(1);
    return Key{KeyKind::kEscape, {}};
  }
  if (second == '\x7f' || second == '\b') {
    take(2);
    return Key{KeyKind::kControl, "W"};
  }
  Key key{KeyKind::kAlt, std::string(1, second)};
  if (static_cast<unsigned char>(second) < 0x20 || static_cast<unsigned char>(second) >= 0x7f) key = Key{};
  take(2);
  return key;
}

std::optional<Key> KeyReader::sequence(bool no_more) {
  const std::string_view behind = rest().substr(1);
  std::size_t size = 1;
  // CSI: parameters, then a byte from @ to ~. SS3 ('O'): one byte.
  if (behind[0] == '[') {
    while (size < behind.size() && (behind[size] < '@' || behind[size] > '~') && size < kSequenceBytesMax)
      ++size;
  }
  if (size >= behind.size()) {
    if (!no_more && size < kSequenceBytesMax) return std::nullopt;
    take(behind.size() + 1);
    return Key{};
  }
  const std::string_view name = behind.substr(0, size + 1);
  Key key;
  for (const Meaning& meaning : kMeanings) {
    if (meaning.bytes == name) key.kind = meaning.kind;
  }
  take(name.size() + 1);
  if (key.kind == KeyKind::kEnter) after_return_ = false;
  return key;
}

}  // namespace ringhold::client
