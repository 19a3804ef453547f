// Packed: a short run of items in consecutive bytes, the form of small lists, hashes, sets and sorted sets,
// and of the nodes of long lists.
//
//   | head, 1 to 5 bytes | data | back, 1 to 5 bytes |   for each item
//
// An item is a string or an int64, which takes the fewest bytes that hold it. `back` repeats the length of
// head and data so that it can be read from its end: a run is walked both ways. The idea is that of Redis's
// listpack; the format is this project's own, and never leaves the process.
//
//   0nnnnnnn             the integer n, 0 to 127          11110000 u32   a string of that length
//   10nnnnnn             a string of n bytes, 0 to 63     11110001 i16   an integer of 2 bytes, little-endian
//   110nnnnn n           an integer of 13 bits, signed    11110010 i24   ... of 3
//   1110nnnn n           a string of 64 to 4,095 bytes    11110011 i32   ... of 4
//                                                         11110100 i64   ... of 8
//
// Positions are byte offsets; the end is size(). All of it is pure: whoever holds the bytes moves them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "dataserver/store/entry.h"

namespace ringhold {

// Bytes that `value` takes as an item.
std::size_t packed_size(const StringValue& value);
// Writes it, and returns where it ends. `at` has room for packed_size() bytes.
char* pack(char* at, const StringValue& value);

// A view of a run of items; the bytes are the caller's, and well-formed.
class PackedItems {
 public:
  explicit PackedItems(std::string_view bytes) : bytes_(bytes) {}

  std::string_view bytes() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  // Precondition of all these: `position` is that of an item.
  StringValue at(std::size_t position) const {
    const unsigned tag = tag_at(position);
    if (tag < kTagString6) return StringValue::number(static_cast<std::int64_t>(tag));
    if (tag < kTagInteger13) return StringValue::raw({bytes_.data() + position + 1, tag - kTagString6});
    return long_at(position);
  }
  std::size_t next(std::size_t position) const {
    const unsigned tag = tag_at(position);
    if (tag < kTagString6) return position + 2;
    if (tag < kTagInteger13) return position + (tag - kTagString6) + 2;
    return next_of_long(position);
  }
  bool equals(std::size_t position, const StringValue& value) const;
  // The first that equals `value` among every `step`th item, or the end.
  std::size_t find(const StringValue& value, std::size_t step) const;
  // The item before `position`, which may be the end. Precondition: position > 0.
  std::size_t previous(std::size_t position) const;
  // The item with `index` items before it, or the end if there are not so many.
  std::size_t nth(std::size_t index) const;
  // The item with `index` items after it. Precondition: there are more than `index` items.
  std::size_t nth_last(std::size_t index) const;

 private:
  // The two shortest forms are most of what is met, and read without a call.
  static constexpr unsigned kTagString6 = 0x80;
  static constexpr unsigned kTagInteger13 = 0xC0;
  unsigned tag_at(std::size_t position) const { return static_cast<unsigned char>(bytes_[position]); }
  StringValue long_at(std::size_t position) const;
  std::size_t next_of_long(std::size_t position) const;

  std::string_view bytes_;
};

// An item by itself, to be looked for: a value has one packed form only.
class PackedItem {
 public:
  explicit PackedItem(const StringValue& value) : bytes_(packed_size(value), '\0') {
    pack(bytes_.data(), value);
  }
  bool is_at(const PackedItems& items, std::size_t position) const {
    const std::string_view bytes = items.bytes();
    return bytes[position] == bytes_[0] && bytes.substr(position, bytes_.size()) == bytes_;
  }

 private:
  std::string bytes_;
};

// The payload of a packed entry: the number of items, then the items.
class Packed {
 public:
  static constexpr std::size_t kHeaderBytes = 2;
  static constexpr std::size_t kItemsMax = 0xFFFF;

  explicit Packed(std::string_view payload) : payload_(payload) {}
  std::size_t count() const {
    return static_cast<unsigned char>(payload_[0]) | std::size_t{static_cast<unsigned char>(payload_[1])}
                                                         << 8U;
  }
  PackedItems items() const { return PackedItems(payload_.substr(kHeaderBytes)); }
  // Where item number `index` is, or the end: a position in items(). Looked for from the nearer end.
  std::size_t position(std::size_t index) const;
  static void put_count(char* payload, std::size_t count) {
    payload[0] = static_cast<char>(count & 0xFFU);
    payload[1] = static_cast<char>(count >> 8U);
  }

 private:
  std::string_view payload_;
};

}  // namespace ringhold
