#include "client/line_editor.h"

#include <histedit.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "common/base/log.h"

namespace ringhold::client {

namespace {

constexpr int kHistoryLinesMax = 1000;

// What all candidates begin with.
std::string common_prefix(const std::vector<std::string>& candidates) {
  std::string prefix = candidates.front();
  for (const std::string& candidate : candidates) {
    const auto [end, unused] =
        std::mismatch(prefix.begin(), prefix.end(), candidate.begin(), candidate.end());
    prefix.erase(end, prefix.end());
  }
  return prefix;
}

// Below the line that is being edited; libedit draws that anew afterwards.
void list_candidates(const std::vector<std::string>& candidates) {
  constexpr std::size_t kLineWidth = 78;
  std::size_t width = 1;
  for (const std::string& candidate : candidates) width = std::max(width, candidate.size() + 2);
  const std::size_t per_line = std::max<std::size_t>(1, kLineWidth / width);
  std::string out = "\n";
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const bool last = (i + 1) % per_line == 0 || i + 1 == candidates.size();
    out += candidates[i];
    if (last) {
      out += '\n';
    } else {
      out.append(width - candidates[i].size(), ' ');
    }
  }
  std::fputs(out.c_str(), stdout);
  std::fflush(stdout);
}

// While a line is edited, Ctrl-C is a key like others: as a signal it would end libedit's reading, in a state
// that libedit does not describe. (Its own EL_SETTY forgets such a setting at the next line.)
class InterruptIsKey {
 public:
  InterruptIsKey() : is_terminal_(tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_terminal_) return;
    termios during = before_;
    during.c_cc[VINTR] = _POSIX_VDISABLE;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &during);
  }
  ~InterruptIsKey() {
    if (is_terminal_) tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
  }
  InterruptIsKey(const InterruptIsKey&) = delete;
  InterruptIsKey& operator=(const InterruptIsKey&) = delete;

 private:
  termios before_{};
  bool is_terminal_;
};

}  // namespace

struct LineEditor::State {
  Options options;
  std::string prompt;
  bool interrupted = false;
  std::string last_line;
  EditLine* editor = nullptr;
  History* history = nullptr;

  static State& of(EditLine* editor) {
    void* data = nullptr;
    el_get(editor, EL_CLIENTDATA, &data);
    return *static_cast<State*>(data);
  }

  static char* show_prompt(EditLine* editor) { return of(editor).prompt.data(); }

  static unsigned char interrupt(EditLine* editor, int /*key*/) {
    of(editor).interrupted = true;
    std::fputs("^C", stdout);
    return CC_NEWLINE;
  }

  static unsigned char complete_word(EditLine* editor, int /*key*/) {
    const State& state = of(editor);
    const LineInfo* info = el_line(editor);
    const std::string_view line(info->buffer, static_cast<std::size_t>(info->cursor - info->buffer));
    const std::vector<std::string> candidates =
        state.options.complete ? state.options.complete(line) : std::vector<std::string>{};
    if (candidates.empty()) return CC_ERROR;
    const std::size_t typed = line.size() - (line.find_last_of(' ') + 1);
    std::string completed = common_prefix(candidates);
    if (candidates.size() == 1) completed += ' ';
    if (completed.size() > typed) {
      // The word is replaced, because the candidate's case may differ from what was typed.
      el_deletestr(editor, static_cast<int>(typed));
      el_insertstr(editor, completed.c_str());
      return CC_REFRESH;
    }
    list_candidates(candidates);
    return CC_REDISPLAY;
  }
};

LineEditor::LineEditor(Options options) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  EditLine* editor = el_init("ringhold", stdin, stdout, stderr);
  state_->editor = editor;
  el_set(editor, EL_CLIENTDATA, state_.get());
  el_set(editor, EL_PROMPT, &State::show_prompt);
  el_set(editor, EL_EDITOR, "emacs");
  HistEvent event;
  state_->history = history_init();
  history(state_->history, &event, H_SETSIZE, kHistoryLinesMax);
  history(state_->history, &event, H_SETUNIQUE, 1);
  el_set(editor, EL_HIST, &::history, state_->history);
  if (!state_->options.history_file.empty()) {
    history(state_->history, &event, H_LOAD, state_->options.history_file.c_str());
  }
  el_source(editor, nullptr);  // ~/.editrc: vi mode and keys, for those who want them
  el_set(editor, EL_ADDFN, "ringhold-complete", "Complete the word", &State::complete_word);
  el_set(editor, EL_BIND, "^I", "ringhold-complete", nullptr);
  el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_set(editor, EL_ADDFN, "ringhold-interrupt", "Drop the line", &State::interrupt);
  el_set(editor, EL_BIND, "^C", "ringhold-interrupt", nullptr);
  el_set(editor, EL_SIGNAL, 1);
}

LineEditor::~LineEditor() {
  history_end(state_->history);
  el_end(state_->editor);
}

LineEditor::Outcome LineEditor::read(const std::string& prompt, std::string& line) {
  state_->prompt = prompt;
  state_->interrupted = false;
  int count = 0;
  const InterruptIsKey scope;
  const char* text = el_gets(state_->editor, &count);
  if (state_->interrupted) return Outcome::kInterrupted;
  if (text == nullptr || count <= 0) return Outcome::kEnd;
  line.assign(text, static_cast<std::size_t>(count));
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  return Outcome::kLine;
}

void LineEditor::remember(const std::string& line) {
  if (line.empty() || line == state_->last_line) return;
  state_->last_line = line;
  HistEvent event;
  history(state_->history, &event, H_ENTER, line.c_str());
  const std::string& file = state_->options.history_file;
  if (file.empty()) return;
  const mode_t others = umask(S_IRWXG | S_IRWXO);
  if (history(state_->history, &event, H_SAVE, file.c_str()) < 0) {
    log::debug("cannot write the history to {}", file);
  }
  umask(others);
}

void LineEditor::clear_screen() {
  std::fputs("\033[H\033[2J", stdout);
  std::fflush(stdout);
}

}  // namespace ringhold::client
