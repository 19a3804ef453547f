// Integers of 1 to 64 bits anywhere in a string, for BITFIELD.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ringhold::bitmaps {

// i1 to i64, u1 to u63: an int64 holds each of their values.
struct FieldType {
  bool is_signed = false;
  unsigned bits = 0;
  // Empty if `text` is no such type.
  static std::optional<FieldType> parse(std::string_view text);
  std::int64_t min() const;
  std::int64_t max() const;
};

enum class Overflow : std::uint8_t {
  kWrap,      // the lowest bits count
  kSaturate,  // the nearest value that there is
  kFail,
};

// Zero beyond the end of the bytes.
std::int64_t read_field(std::string_view bytes, const FieldType& type, std::uint64_t offset);
// Precondition: the field lies within `bytes`. Takes the lowest bits of `value`.
void write_field(char* bytes, const FieldType& type, std::uint64_t offset, std::int64_t value);

// What a field holds after it was set to `value`, or after `by` was added to `value`. Empty if that does not
// fit and overflow fails.
std::optional<std::int64_t> fit(const FieldType& type, std::int64_t value, Overflow overflow);
std::optional<std::int64_t> add(const FieldType& type, std::int64_t value, std::int64_t by,
                                Overflow overflow);

}  // namespace ringhold::bitmaps
