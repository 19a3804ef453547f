#include "client/edit_buffer.h"

#include <utility>

#include "client/characters.h"

namespace ringhold::client {

namespace {

bool in_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

void EditBuffer::set(std::string text) {
  text_ = std::move(text);
  cursor_ = text_.size();
}

void EditBuffer::insert(std::string_view text) {
  text_.insert(cursor_, text);
  cursor_ += text.size();
}

void EditBuffer::replace_before(std::size_t bytes, std::string_view text) {
  cursor_ -= bytes;
  text_.replace(cursor_, bytes, text);
  cursor_ += text.size();
}

void EditBuffer::left() {
  if (cursor_ > 0) cursor_ = character_before(text_, cursor_);
}
void EditBuffer::right() {
  if (!at_end()) cursor_ += first_character(std::string_view(text_).substr(cursor_)).bytes;
}

bool EditBuffer::erase_before() {
  if (cursor_ == 0) return false;
  const std::size_t begin = character_before(text_, cursor_);
  text_.erase(begin, cursor_ - begin);
  cursor_ = begin;
  return true;
}

bool EditBuffer::erase_at() {
  if (at_end()) return false;
  text_.erase(cursor_, first_character(std::string_view(text_).substr(cursor_)).bytes);
  return true;
}

void EditBuffer::transpose() {
  if (cursor_ == 0 || text_.size() < 2) return;
  if (at_end()) left();
  if (cursor_ == 0) return;
  const std::size_t begin = character_before(text_, cursor_);
  const std::size_t bytes = first_character(std::string_view(text_).substr(cursor_)).bytes;
  const std::string first = text_.substr(begin, cursor_ - begin);
  const std::string second = text_.substr(cursor_, bytes);
  text_.replace(begin, first.size() + bytes, second + first);
  cursor_ = begin + first.size() + bytes;
}

std::size_t EditBuffer::word_begin() const {
  std::size_t at = cursor_;
  while (at > 0 && !in_word(text_[at - 1])) --at;
  while (at > 0 && in_word(text_[at - 1])) --at;
  return at;
}
std::size_t EditBuffer::word_end() const {
  std::size_t at = cursor_;
  while (at < text_.size() && !in_word(text_[at])) ++at;
  while (at < text_.size() && in_word(text_[at])) ++at;
  return at;
}
std::size_t EditBuffer::blank_word_begin() const {
  std::size_t at = cursor_;
  while (at > 0 && text_[at - 1] == ' ') --at;
  while (at > 0 && text_[at - 1] != ' ') --at;
  return at;
}

void EditBuffer::cut(std::size_t begin, std::size_t end) {
  if (begin == end) return;
  cut_ = text_.substr(begin, end - begin);
  text_.erase(begin, end - begin);
  cursor_ = begin;
}

}  // namespace ringhold::client
