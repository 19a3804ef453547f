// Element: one field of a large hash with its value, one member of a large set, or one of a large sorted set
// with its score, in one allocation.
//
//   | name size, 1 or 5 bytes | value size, 1 or 5 bytes | name | value |
//
// A size of 255 and more is a byte 255 and four bytes. The value is a field's value; empty in a set; the 8
// bytes of the score in a sorted set; nothing in it is aligned. The size of the allocation follows from the
// sizes (see CountedHeap). Elements are owned by a MemberTable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dataserver/store/counted_heap.h"

namespace ringhold {

class Element {
 public:
  Element(const Element&) = delete;
  Element& operator=(const Element&) = delete;

  // The caller fills the value.
  static Element* create(CountedHeap& heap, std::string_view name, std::size_t value_size);
  static Element* copy(CountedHeap& heap, const Element& from);
  static void destroy(CountedHeap& heap, Element* element);
  // Returns the element's new address, which is the old one if its size class did not change. The value's
  // bytes are lost.
  static Element* resize_value(CountedHeap& heap, Element* element, std::size_t value_size);

  std::string_view name() const {
    const Layout layout = this->layout();
    return {base() + layout.name_at, layout.name_size};
  }
  std::string_view value() const {
    const Layout layout = this->layout();
    return {base() + layout.value_at(), layout.value_size};
  }
  char* mutable_value() { return base() + layout().value_at(); }
  // Of its allocation.
  std::size_t bytes() const { return layout().bytes(); }

 private:
  static constexpr unsigned char kLong = 255;
  struct Layout {
    std::size_t name_size;
    std::size_t value_size;
    std::size_t name_at;
    std::size_t value_at() const { return name_at + name_size; }
    std::size_t bytes() const { return size_class(value_at() + value_size); }
  };

  Element() = default;
  static Layout layout_for(std::size_t name_size, std::size_t value_size);
  Layout layout() const {
    Layout layout{};
    const std::size_t value_size_at = read_size(0, layout.name_size);
    layout.name_at = read_size(value_size_at, layout.value_size);
    return layout;
  }
  void put_sizes(const Layout& layout);
  // Return where the size at `at` ends.
  std::size_t read_size(std::size_t at, std::size_t& size) const {
    size = static_cast<unsigned char>(base()[at]);
    return size < kLong ? at + 1 : read_long_size(at + 1, size);
  }
  std::size_t read_long_size(std::size_t at, std::size_t& size) const;
  char* base() { return reinterpret_cast<char*>(this); }
  const char* base() const { return reinterpret_cast<const char*>(this); }
};

// The place of a member in the hash order of its collection, packed or not. `seed` is StoreOptions::seed.
std::uint64_t member_hash(std::string_view name, std::uint64_t seed);

}  // namespace ringhold
