// What each key does to the line.
#include <signal.h>

#include <utility>

#include "client/line_editor.h"
#include "common/base/limits.h"

namespace ringhold::client {

LineEditor::Step LineEditor::take(const Key& key) {
  if (search_ && take_in_search(key)) return Step::kGoOn;
  switch (key.kind) {
    case KeyKind::kText:
      return take_text(key);
    case KeyKind::kControl:
      return take_control(key.text.front());
    case KeyKind::kAlt:
      take_alt(key.text.front());
      return Step::kGoOn;
    case KeyKind::kEnter:
      return Step::kLine;
    case KeyKind::kTab:
      complete();
      return Step::kGoOn;
    case KeyKind::kBackspace:
      if (!buffer_.erase_before()) beep();
      return Step::kGoOn;
    case KeyKind::kDelete:
      if (!buffer_.erase_at()) beep();
      return Step::kGoOn;
    default:
      take_move(key.kind);
      return Step::kGoOn;
  }
}

LineEditor::Step LineEditor::take_text(const Key& key) {
  if (buffer_.text().size() + key.text.size() > limits::kTypedLineBytesMax) {
    beep();
    return Step::kGoOn;
  }
  buffer_.insert(key.text);
  return Step::kGoOn;
}

void LineEditor::take_move(KeyKind kind) {
  switch (kind) {
    case KeyKind::kLeft:
      return buffer_.left();
    case KeyKind::kRight:
      return buffer_.right();
    case KeyKind::kUp:
      return recall(true);
    case KeyKind::kDown:
      return recall(false);
    case KeyKind::kHome:
      return buffer_.home();
    case KeyKind::kEnd:
      return buffer_.end();
    case KeyKind::kWordLeft:
      return buffer_.word_left();
    case KeyKind::kWordRight:
      return buffer_.word_right();
    default:
      return;
  }
}

LineEditor::Step LineEditor::take_control(char letter) {
  switch (letter) {
    case 'A':
      buffer_.home();
      break;
    case 'B':
      buffer_.left();
      break;
    case 'C':
      return Step::kInterrupted;
    case 'D':
      return delete_or_end();
    case 'E':
      buffer_.end();
      break;
    case 'F':
      buffer_.right();
      break;
    case 'K':
      buffer_.cut_to_end();
      break;
    case 'L':
      clear_screen();
      break;
    case 'N':
      recall(false);
      break;
    case 'P':
      recall(true);
      break;
    case 'R':
    case 'S':
      begin_search(letter == 'R');
      break;
    case 'T':
      buffer_.transpose();
      break;
    case 'U':
      buffer_.cut_to_begin();
      break;
    case 'W':
      buffer_.cut_word_before();
      break;
    case 'Y':
      buffer_.paste_cut();
      break;
    case 'Z':
      terminal_.suspend();
      Terminal::write("\x1b[?2004h");
      view_.forget();
      break;
    case '\\':
      raise(SIGQUIT);
      break;
    default:
      beep();
  }
  return Step::kGoOn;
}

void LineEditor::take_alt(char letter) {
  switch (letter) {
    case 'b':
      return buffer_.word_left();
    case 'f':
      return buffer_.word_right();
    case 'd':
      return buffer_.cut_word_behind();
    default:
      return beep();
  }
}

LineEditor::Step LineEditor::delete_or_end() {
  if (buffer_.text().empty()) return Step::kEnd;
  if (!buffer_.erase_at()) beep();
  return Step::kGoOn;
}

void LineEditor::begin_search(bool back) {
  search_ = Search{.text = {}, .at = history_.size(), .failed = false, .before = buffer_.text()};
  if (!back) search_->at = 0;
}

void LineEditor::search(bool back, bool further) {
  Search& search = *search_;
  if (search.text.empty()) return;
  const std::size_t after = std::min(search.at + 1, history_.size());
  const auto found = back ? history_.search_back(search.text, further ? search.at : after)
                          : history_.search_forward(search.text, further ? after : search.at);
  search.failed = !found;
  if (!found) return beep();
  search.at = *found;
  buffer_.set(history_.at(*found));
}

bool LineEditor::take_in_search(const Key& key) {
  if (key.kind == KeyKind::kText && !key.pasted) {
    search_->text += key.text;
    search(true, false);
    return true;
  }
  if (key.kind == KeyKind::kBackspace) {
    EditBuffer text;
    text.set(search_->text);
    text.erase_before();
    search_->text = text.text();
    search_->at = history_.size();
    search_->failed = false;
    search(true, false);
    return true;
  }
  if (key.kind == KeyKind::kControl && (key.text == "R" || key.text == "S")) {
    search(key.text == "R", true);
    return true;
  }
  const bool dropped = key.kind == KeyKind::kControl && (key.text == "G" || key.text == "C");
  if (dropped) buffer_.set(search_->before);
  // What was found is where the arrow keys go on from.
  if (!dropped && search_->at < history_.size()) {
    typed_ = std::exchange(search_->before, {});
    recalled_ = search_->at;
  }
  search_.reset();
  return dropped || key.kind == KeyKind::kEscape || key.kind == KeyKind::kTab;
}

}  // namespace ringhold::client
