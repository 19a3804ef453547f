#include "client/line_editor.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <utility>

#include "client/characters.h"
#include "common/base/limits.h"

namespace ringhold::client {

namespace {

constexpr std::string_view kPasteMarksOn = "\x1b[?2004h";
constexpr std::string_view kPasteMarksOff = "\x1b[?2004l";
// An Escape that nothing follows within this time was pressed by a finger; over a slow line, a sequence may
// be torn apart by less.
constexpr std::chrono::milliseconds kEscapePatience{100};

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

}  // namespace

LineEditor::LineEditor(Options options) : options_(std::move(options)), history_(options_.history_file) {
  if (!Terminal::can_edit()) return;
  Terminal::write(kPasteMarksOn);
  terminal_.set_farewell(kPasteMarksOff);
  terminal_.set(Terminal::Mode::kQuiet);
}

LineEditor::Outcome LineEditor::read(std::string_view prompt, std::string& line) {
  if (!Terminal::can_edit()) return read_plainly(prompt, line);
  prompt_ = prompt;
  buffer_.clear();
  recalled_ = history_.size();
  search_.reset();
  view_.forget();
  terminal_.set(Terminal::Mode::kKeys);
  Step step = Step::kGoOn;
  bool no_more = false;
  bool drawn = false;
  while (step == Step::kGoOn) {
    if (const auto key = keys_.next(no_more)) {
      step = take(*key);
      drawn = false;
      continue;
    }
    // Drawn once all that has come is taken in: a paste of a megabyte is drawn once.
    auto event = Terminal::wait(std::chrono::milliseconds{0});
    if (event == Terminal::Event::kTimeout && !drawn) {
      draw(true);
      drawn = true;
    }
    if (event != Terminal::Event::kInput) {
      event = Terminal::wait(keys_.waits() ? kEscapePatience : std::chrono::milliseconds{-1});
    }
    no_more = event == Terminal::Event::kTimeout;
    drawn &= event != Terminal::Event::kInterrupted;  // perhaps by a new size
    std::string bytes;
    if (event == Terminal::Event::kInput) event = Terminal::read(bytes);
    if (event == Terminal::Event::kEnd) step = Step::kEnd;
    keys_.feed(bytes);
  }
  search_.reset();
  finish_picture(step == Step::kInterrupted ? "^C" : "");
  terminal_.set(Terminal::Mode::kQuiet);
  if (step == Step::kInterrupted) return Outcome::kInterrupted;
  if (step == Step::kEnd) return Outcome::kEnd;
  line = buffer_.text();
  take_early_interrupt();
  return Outcome::kLine;
}

// Ctrl-C that came with the line, before the terminal was told to make a signal of it.
void LineEditor::take_early_interrupt() {
  std::string bytes;
  if (Terminal::wait(std::chrono::milliseconds{0}) == Terminal::Event::kInput) (void)Terminal::read(bytes);
  keys_.feed(bytes);
  if (keys_.take_interrupt()) raise(SIGINT);
}

// For terminals that only scroll: the kernel's own editing.
LineEditor::Outcome LineEditor::read_plainly(std::string_view prompt, std::string& line) {
  Terminal::write(prompt);
  line.clear();
  while (true) {
    const auto key = keys_.next(true);
    if (!key) {
      std::string bytes;
      const auto event = Terminal::read(bytes);
      if (event == Terminal::Event::kInterrupted) return Outcome::kInterrupted;
      if (event == Terminal::Event::kEnd) return line.empty() ? Outcome::kEnd : Outcome::kLine;
      keys_.feed(bytes);
    } else if (key->kind == KeyKind::kEnter) {
      return Outcome::kLine;
    } else {
      line += key->kind == KeyKind::kTab ? "\t" : key->text;
    }
  }
}

void LineEditor::draw(bool with_hint) {
  const ScreenSize size = Terminal::size();
  std::string hint;
  std::string prompt = prompt_;
  if (search_) {
    prompt = fmt::format("({}history) '{}': ", search_->failed ? "not in the " : "", search_->text);
  } else if (with_hint && options_.hint && buffer_.at_end() && !buffer_.text().empty()) {
    hint = options_.hint(buffer_.text());
  }
  std::string out = view_.draw({.prompt = prompt,
                                .text = buffer_.text(),
                                .cursor = buffer_.cursor(),
                                .hint = hint,
                                .colours = options_.colours},
                               size);
  if (std::exchange(beep_, false)) out += '\a';
  Terminal::write(out);
}

void LineEditor::finish_picture(std::string_view mark) {
  buffer_.end();
  draw(false);
  Terminal::write(std::string(mark) + "\r\n");
  view_.forget();
}

void LineEditor::clear_screen() {
  Terminal::write("\x1b[H\x1b[2J");
  view_.forget();
}

void LineEditor::drop_input() {
  keys_.drop();
  Terminal::drop_input();
}

void LineEditor::recall(bool back) {
  if (back ? recalled_ == 0 : recalled_ == history_.size()) return beep();
  if (recalled_ == history_.size()) typed_ = buffer_.text();
  recalled_ += back ? std::size_t(-1) : 1;
  buffer_.set(recalled_ == history_.size() ? typed_ : history_.at(recalled_));
}

void LineEditor::complete() {
  if (!options_.complete) return;
  const Candidates candidates = options_.complete(buffer_.before_cursor());
  if (candidates.words.empty()) return beep();
  std::string completed = common_prefix(candidates.words);
  if (candidates.words.size() == 1 && !completed.ends_with(' ')) completed += ' ';
  if (completed.size() > candidates.typed) {
    // The word is replaced, because the candidate's case may differ from what was typed.
    buffer_.replace_before(candidates.typed, completed);
  } else {
    list(candidates.words);
  }
}

// Below the line that is being edited, which is drawn anew afterwards.
void LineEditor::list(const std::vector<std::string>& words) {
  const int columns = Terminal::size().columns;
  int width = 1;
  for (const std::string& word : words) width = std::max(width, columns_of(word) + 2);
  const std::size_t per_line = static_cast<std::size_t>(std::max(1, columns / width));
  const std::size_t lines = (words.size() + per_line - 1) / per_line;
  draw(false);
  std::string out = "\r\n";
  for (std::size_t line = 0; line < lines; ++line) {
    for (std::size_t i = line; i < words.size(); i += lines) {
      out += words[i];
      if (i + lines < words.size()) out.append(static_cast<std::size_t>(width - columns_of(words[i])), ' ');
    }
    out += "\x1b[K\r\n";
  }
  Terminal::write(out);
  view_.forget();
}

}  // namespace ringhold::client
