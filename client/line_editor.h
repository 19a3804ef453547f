// Line editing on a terminal: the keys of Emacs and of every shell, history and its search, completion by
// Tab, hints, pastes of many lines, and text in all scripts.
//
// Debian's libedit was here before. It has no hints and no bracketed paste, and counts a column for every
// accent; libraries that do better are not packaged for Debian 12, or not free for this licence.
//
// Between two lines the terminal echoes nothing: what is typed or pasted meanwhile waits, and is edited and
// run line by line like everything else.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "client/edit_buffer.h"
#include "client/history.h"
#include "client/key_reader.h"
#include "client/line_view.h"
#include "client/terminal.h"

namespace ringhold::client {

class LineEditor {
 public:
  // What may stand in place of the last word of `line` (the text up to the cursor).
  struct Candidates {
    std::size_t typed = 0;  // bytes of that word
    std::vector<std::string> words;
  };
  struct Options {
    std::string history_file;  // empty: history lives as long as the program
    std::function<Candidates(std::string_view line)> complete;
    std::function<std::string(std::string_view line)> hint;  // what may follow the line; may be empty
    bool colours = false;
  };

  enum class Outcome { kLine, kInterrupted, kEnd };

  explicit LineEditor(Options options);
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  // Shows the prompt and reads one line, without its newline. kInterrupted: Ctrl-C, the line is gone. kEnd:
  // Ctrl-D on an empty line, or the terminal is gone. From here on Ctrl-C is a SIGINT.
  Outcome read(std::string_view prompt, std::string& line);

  void remember(std::string_view line) { history_.add(line); }
  void clear_screen();
  // Forgets what was typed or pasted and not read yet.
  void drop_input();

 private:
  enum class Step { kGoOn, kLine, kInterrupted, kEnd };

  Outcome read_plainly(std::string_view prompt, std::string& line);
  void take_early_interrupt();
  Step take(const Key& key);
  Step take_text(const Key& key);
  Step take_control(char letter);
  void take_alt(char letter);
  void take_move(KeyKind kind);
  // While Ctrl-R searches. False: the search has ended, and the key is for the line.
  bool take_in_search(const Key& key);
  void search(bool back, bool further);
  void begin_search(bool back);
  void recall(bool back);
  void complete();
  void list(const std::vector<std::string>& words);
  Step delete_or_end();
  void beep() { beep_ = true; }

  void draw(bool with_hint);
  void finish_picture(std::string_view mark);  // which stands behind the line

  Options options_;
  Terminal terminal_;
  History history_;
  KeyReader keys_;
  LineView view_;
  EditBuffer buffer_;
  std::string prompt_;
  std::size_t recalled_ = 0;  // of the history; its size: the line that is being typed
  std::string typed_;         // that line, while an entry of the history is shown
  bool beep_ = false;

  struct Search {
    std::string text;
    std::size_t at = 0;
    bool failed = false;
    std::string before;  // the line to go back to
  };
  std::optional<Search> search_;
};

}  // namespace ringhold::client
