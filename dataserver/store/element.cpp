#include "dataserver/store/element.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>
#include <limits>

#include "common/base/check.h"

namespace ringhold {

namespace {

constexpr std::size_t kShortBytes = 1;
constexpr std::size_t kLongBytes = 1 + sizeof(std::uint32_t);

}  // namespace

Element::Layout Element::layout_for(std::size_t name_size, std::size_t value_size) {
  const std::size_t name_at =
      (name_size < kLong ? kShortBytes : kLongBytes) + (value_size < kLong ? kShortBytes : kLongBytes);
  return {.name_size = name_size, .value_size = value_size, .name_at = name_at};
}

void Element::put_sizes(const Layout& layout) {
  char* at = base();
  for (const std::size_t size : {layout.name_size, layout.value_size}) {
    if (size < kLong) {
      *at++ = static_cast<char>(size);
      continue;
    }
    INVARIANT(size <= std::numeric_limits<std::uint32_t>::max());
    const auto size32 = static_cast<std::uint32_t>(size);
    *at++ = static_cast<char>(kLong);
    std::memcpy(at, &size32, sizeof(size32));
    at += sizeof(size32);
  }
}

std::size_t Element::read_long_size(std::size_t at, std::size_t& size) const {
  std::uint32_t size32 = 0;
  std::memcpy(&size32, base() + at, sizeof(size32));
  size = size32;
  return at + sizeof(size32);
}

Element* Element::create(CountedHeap& heap, std::string_view name, std::size_t value_size) {
  const Layout layout = layout_for(name.size(), value_size);
  auto* element = static_cast<Element*>(heap.allocate(layout.bytes()));
  element->put_sizes(layout);
  if (!name.empty()) std::memcpy(element->base() + layout.name_at, name.data(), name.size());
  return element;
}

Element* Element::copy(CountedHeap& heap, const Element& from) {
  const Layout layout = from.layout();
  auto* element = static_cast<Element*>(heap.allocate(layout.bytes()));
  std::memcpy(element->base(), from.base(), layout.value_at() + layout.value_size);
  return element;
}

void Element::destroy(CountedHeap& heap, Element* element) {
  heap.release(element, element->bytes());
}

Element* Element::resize_value(CountedHeap& heap, Element* element, std::size_t value_size) {
  const Layout old = element->layout();
  const Layout resized = layout_for(old.name_size, value_size);
  if (resized.bytes() == old.bytes() && resized.name_at == old.name_at) {
    element->put_sizes(resized);
    return element;
  }
  Element* moved = create(heap, element->name(), value_size);
  destroy(heap, element);
  return moved;
}

std::uint64_t member_hash(std::string_view name, std::uint64_t seed) {
  return XXH3_64bits_withSeed(name.data(), name.size(), seed);
}

}  // namespace ringhold
