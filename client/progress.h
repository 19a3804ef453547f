// How far a long input has come: one line on stderr, if that is a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace ringhold::client {

struct ProgressFigures {
  std::uint64_t bytes = 0;  // of the input, that were taken
  std::uint64_t commands = 0;
  std::uint64_t errors = 0;
};

// The line; `bytes_total` 0: not known, so there is no bar. Not longer than `columns`.
std::string render_progress(const ProgressFigures& figures, std::uint64_t bytes_total,
                            std::chrono::duration<double> elapsed, int columns, bool unicode, bool colours);

class Progress {
 public:
  // `input` is asked for its size.
  Progress(int input, bool unicode, bool colours);
  ~Progress() { hide(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Draws the line if it is time: not for short inputs, and not too often.
  void update(const ProgressFigures& figures);
  // Before anything else is written to the terminal.
  void hide();
  // The same if stdout is a terminal, too.
  void hide_if_shared() {
    if (shared_) hide();
  }
  bool was_shown() const { return was_shown_; }
  std::chrono::duration<double> elapsed() const { return std::chrono::steady_clock::now() - begun_; }

 private:
  bool enabled_;
  bool shared_;
  bool unicode_;
  bool colours_;
  std::uint64_t bytes_total_ = 0;
  bool shown_ = false;
  bool was_shown_ = false;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point drawn_;
};

}  // namespace ringhold::client
