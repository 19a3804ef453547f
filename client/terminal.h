// The terminal on stdin and stdout: its modes, its size, and that it is left as it was found, however the
// program ends.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "client/line_view.h"
#include "common/base/result.h"

namespace ringhold::client {

// One may live within another's life: at its end it goes back to the outer one's mode. Only one thread has
// any.
class Terminal {
 public:
  enum class Mode : std::uint8_t {
    kLines,  // as it was found: lines with echo, for whoever comes next
    kKeys,   // every key at once, Ctrl-C too
    kQuiet,  // nothing is echoed and nothing waits for Enter, but Ctrl-C is a signal
  };

  // What the terminal can do; false on those that cannot move their cursor.
  static bool can_edit();
  // Of stdout.
  static ScreenSize size();

  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void set(Mode mode);
  // What is to be written in any case at its end, or the program's: it undoes what the modes do not. At most
  // 40 bytes.
  void set_farewell(std::string_view bytes);
  // Gives the terminal back and stops the program until it is continued (Ctrl-Z).
  void suspend();

  enum class Event { kInput, kTimeout, kInterrupted, kEnd };
  // Waits for keys; kInterrupted: a signal came, perhaps of a changed size. No timeout: for ever.
  static Event wait(std::chrono::milliseconds timeout = std::chrono::milliseconds{-1});
  // Appends what was typed.
  static Event read(std::string& bytes);
  // Forgets what was typed and not read.
  static void drop_input();

  // All of it, also to a terminal that is slow; false if `stop` becomes true or it is gone.
  static bool write(std::string_view bytes, const std::atomic<bool>* stop = nullptr);

 private:
  Mode before_;
  std::size_t farewell_bytes_ = 0;
};

}  // namespace ringhold::client
