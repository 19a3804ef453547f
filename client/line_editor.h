// Line editing on a terminal, by libedit: history in a file, completion by TAB, Ctrl-C that only drops the
// line.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace ringhold::client {

class LineEditor {
 public:
  // What may stand in place of the last word of `line` (the text up to the cursor).
  using Complete = std::function<std::vector<std::string>(std::string_view line)>;

  struct Options {
    std::string history_file;  // empty: history lives as long as the program
    Complete complete;
  };

  enum class Outcome { kLine, kInterrupted, kEnd };

  explicit LineEditor(Options options);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  // Shows the prompt and reads one line, without its newline. kInterrupted: Ctrl-C, the line is gone. kEnd:
  // Ctrl-D on an empty line, or the terminal is gone.
  Outcome read(const std::string& prompt, std::string& line);

  // Adds the line to the history, and to its file (mode 0600), unless it repeats the last one.
  void remember(const std::string& line);

  void clear_screen();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ringhold::client
