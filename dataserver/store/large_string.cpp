#include "dataserver/store/large_string.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "dataserver/store/value_tag.h"

namespace ringhold {

LargeString* LargeString::create(CountedHeap& heap, LargeBytes bytes) {
  heap.enter(bytes.mapped());
  return make_counted<LargeString>(heap, std::move(bytes));
}

void LargeString::grow(CountedHeap& heap, std::size_t size) {
  tag_.clear();
  const std::size_t before = bytes_.mapped();
  bytes_.grow(size);
  heap.enter(bytes_.mapped() - before);
}

const std::string& LargeString::tag() const {
  if (tag_.empty()) tag_ = value_tag(text());
  return tag_;
}

char* LargeString::edit(std::size_t first, std::size_t count) {
  INVARIANT(first + count <= bytes_.size());
  tag_.clear();
  readers_.for_each<StringReader>([&](StringReader& reader) { reader.before_change(first, count); });
  return bytes_.data() + first;
}

bool LargeString::free_some(CountedHeap& heap, std::size_t& steps) {
  const std::size_t before = bytes_.mapped();
  const bool all = bytes_.release_some(steps);
  heap.leave(before - bytes_.mapped());
  return all;
}

// --- reading ---

StringReader::StringReader(LargeString& string, std::size_t first, std::size_t count, std::size_t& held)
    : SlowReader(held), string_(string), first_(first), at_(first), end_(first + count) {
  INVARIANT(end_ <= string.size());
  string_.readers().add(*this);
}

// Pieces begin at multiples of kPieceBytes; the first and the last one may be shorter.
std::string_view StringReader::next_piece() const {
  const std::size_t piece = at_ / kPieceBytes * kPieceBytes;
  const std::size_t size = std::min(piece + kPieceBytes, end_) - at_;
  const auto aside = aside_.find(piece);
  return (aside == aside_.end() ? string_.text().substr(at_)
                                : std::string_view(aside->second).substr(at_ - piece))
      .substr(0, size);
}

void StringReader::pass(std::size_t bytes) {
  at_ += bytes;
  while (!aside_.empty() && (at_ == end_ || aside_.begin()->first + kPieceBytes <= at_)) {
    let_go(aside_.begin()->second.size());
    aside_.erase(aside_.begin());
  }
}

void StringReader::before_change(std::size_t first, std::size_t count) {
  const std::size_t from = std::max(first, at_);
  const std::size_t to = std::min(first + count, end_);
  for (std::size_t piece = from / kPieceBytes * kPieceBytes; piece < to; piece += kPieceBytes) {
    const auto [aside, is_new] = aside_.try_emplace(piece);
    if (!is_new) continue;
    aside->second = string_.text().substr(piece, std::min(kPieceBytes, end_ - piece));
    keep(aside->second.size());
  }
}

}  // namespace ringhold
