// PackedIntegers: a sorted run of different integers, all of the same width: the form of small sets of
// integers (Redis's intset).
//
//   | width, 1 byte: 2, 4 or 8 | integers of that width |
//
// The width is that of the integer that needs the most. It is pure: whoever holds the bytes moves them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ringhold {

class PackedIntegers {
 public:
  static constexpr std::size_t kHeaderBytes = 1;

  explicit PackedIntegers(std::string_view payload) : payload_(payload) {}
  // The payload of these integers, which are sorted and different.
  static std::string pack(std::span<const std::int64_t> sorted);
  static std::size_t width_of(std::int64_t value);
  static void put(char* at, std::size_t width, std::int64_t value);

  std::size_t width() const { return static_cast<unsigned char>(payload_[0]); }
  std::size_t count() const { return (payload_.size() - kHeaderBytes) / width(); }
  std::int64_t at(std::size_t index) const;
  // The number of integers below `value`.
  std::size_t lower_bound(std::int64_t value) const;
  bool contains(std::int64_t value) const {
    const std::size_t index = lower_bound(value);
    return index < count() && at(index) == value;
  }
  // Where the integer of this index stands in the payload.
  std::size_t position(std::size_t index) const { return kHeaderBytes + index * width(); }

 private:
  std::string_view payload_;
};

}  // namespace ringhold
