// Bytes of a terminal to keys: characters, control keys, the sequences of arrow keys, and bracketed pastes.
//
// Pure: no terminal, no clock. What comes may be split anywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ringhold::client {

enum class KeyKind : std::uint8_t {
  kText,     // a character, or bytes that are none
  kControl,  // `text` holds the letter: "A" is Ctrl-A
  kAlt,      // `text` holds the letter: "b" is Alt-B
  kEnter,
  kTab,
  kBackTab,
  kEscape,
  kBackspace,
  kDelete,
  kLeft,
  kRight,
  kUp,
  kDown,
  kHome,
  kEnd,
  kWordLeft,
  kWordRight,
  kUnknown,  // a sequence without a meaning here
};

struct Key {
  KeyKind kind = KeyKind::kUnknown;
  std::string text;
  bool pasted = false;  // within a bracketed paste, where every byte but a newline is text
};

class KeyReader {
 public:
  void feed(std::string_view bytes) { pending_.append(bytes); }
  // Nothing: more bytes are needed. With `no_more` an Escape that nothing follows is the Escape key.
  std::optional<Key> next(bool no_more);
  // Whether an unfinished sequence is waiting.
  bool waits() const { return at_ < pending_.size(); }
  void drop();
  // If Ctrl-C was typed among what waits: drops everything up to it. For whoever is about to do what was
  // asked for before.
  bool take_interrupt();

 private:
  std::string_view rest() const { return std::string_view(pending_).substr(at_); }
  void take(std::size_t bytes);
  std::optional<Key> escape(bool no_more);
  std::optional<Key> sequence(bool no_more);
  std::optional<Key> pasted();
  std::optional<Key> character(bool no_more);
  std::optional<Key> enter();

  std::string pending_;
  std::size_t at_ = 0;
  bool in_paste_ = false;
  bool after_return_ = false;  // "\r\n" is one Enter
};

}  // namespace ringhold::client
