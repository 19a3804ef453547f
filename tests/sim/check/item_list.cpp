#include "tests/sim/check/item_list.h"

#include <fmt/format.h>

#include <cstring>

#include "common/base/check.h"
#include "common/base/text.h"

namespace ringhold::sim {

namespace {

using Length = std::uint32_t;

std::string framed(std::string_view item) {
  const auto length = static_cast<Length>(item.size());
  std::string bytes(sizeof(Length) * 2 + item.size(), '\0');
  std::memcpy(bytes.data(), &length, sizeof(Length));
  std::memcpy(bytes.data() + sizeof(Length), item.data(), item.size());
  std::memcpy(bytes.data() + sizeof(Length) + item.size(), &length, sizeof(Length));
  return bytes;
}

std::size_t length_at(const std::string& bytes, std::size_t place) {
  Length length = 0;
  std::memcpy(&length, bytes.data() + place, sizeof(Length));
  return length;
}

}  // namespace

ItemList::ItemList(std::initializer_list<std::string_view> items) {
  for (const std::string_view item : items) push_back(item);
}

void ItemList::push_front(std::string_view item) {
  bytes_.insert(0, framed(item));
  ++count_;
}

void ItemList::push_back(std::string_view item) {
  bytes_ += framed(item);
  ++count_;
}

std::string_view ItemList::front() const {
  INVARIANT(!empty());
  return std::string_view(bytes_).substr(sizeof(Length), length_at(bytes_, 0));
}

std::string_view ItemList::back() const {
  INVARIANT(!empty());
  const std::size_t end = bytes_.size() - sizeof(Length);
  const std::size_t length = length_at(bytes_, end);
  return std::string_view(bytes_).substr(end - length, length);
}

void ItemList::pop_front() {
  bytes_.erase(0, front().size() + 2 * sizeof(Length));
  --count_;
}

void ItemList::pop_back() {
  bytes_.resize(bytes_.size() - back().size() - 2 * sizeof(Length));
  --count_;
}

std::string ItemList::describe(std::int64_t items_max) const {
  std::string text = "[";
  ItemList rest = *this;
  for (std::int64_t i = 0; i < items_max && !rest.empty(); ++i) {
    text += (i == 0 ? "" : " ") + printable(rest.front(), 40);
    rest.pop_front();
  }
  if (!rest.empty()) text += fmt::format(" and {} more", rest.size());
  return text + "]";
}

}  // namespace ringhold::sim
