#include "dataserver/store/bit_fields.h"

#include <algorithm>
#include <limits>

#include "common/base/text.h"

namespace ringhold::bitmaps {

namespace {

constexpr unsigned kBitsMax = 64;

// The lowest bits of `bits`, as the type reads them.
std::int64_t wrap(const FieldType& type, std::uint64_t bits) {
  const unsigned unused = kBitsMax - type.bits;
  const std::uint64_t high = bits << unused;
  return type.is_signed ? static_cast<std::int64_t>(high) >> unused
                        : static_cast<std::int64_t>(high >> unused);
}

enum class Beyond : std::uint8_t { kMin, kMax };
std::optional<std::int64_t> overflowed(const FieldType& type, std::uint64_t bits, Beyond beyond,
                                       Overflow overflow) {
  if (overflow == Overflow::kFail) return std::nullopt;
  if (overflow == Overflow::kWrap) return wrap(type, bits);
  return beyond == Beyond::kMax ? type.max() : type.min();
}

}  // namespace

std::optional<FieldType> FieldType::parse(std::string_view text) {
  if (text.empty() || (text[0] != 'i' && text[0] != 'u')) return std::nullopt;
  const bool is_signed = text[0] == 'i';
  const auto bits = parse_int64(text.substr(1));
  if (!bits || *bits < 1 || *bits > (is_signed ? 64 : 63)) return std::nullopt;
  return FieldType{.is_signed = is_signed, .bits = static_cast<unsigned>(*bits)};
}

std::int64_t FieldType::max() const {
  const unsigned magnitude = is_signed ? bits - 1 : bits;  // at most 63
  return static_cast<std::int64_t>((std::uint64_t{1} << magnitude) - 1);
}

std::int64_t FieldType::min() const {
  return is_signed ? -max() - 1 : 0;
}

// A field touches up to nine bytes: the first eight as one number, and what the ninth has.
std::int64_t read_field(std::string_view bytes, const FieldType& type, std::uint64_t offset) {
  const std::uint64_t first = offset / 8;
  const auto byte = [&](std::uint64_t i) -> std::uint64_t {
    return first + i < bytes.size() ? static_cast<unsigned char>(bytes[first + i]) : 0U;
  };
  std::uint64_t word = 0;
  for (std::uint64_t i = 0; i < 8; ++i) word = word << 8U | byte(i);
  const auto shift = static_cast<unsigned>(offset & 7U);
  if (shift > 0) word = word << shift | byte(8) >> (8U - shift);
  return wrap(type, word >> (kBitsMax - type.bits));
}

void write_field(char* bytes, const FieldType& type, std::uint64_t offset, std::int64_t value) {
  std::uint64_t left = type.bits;
  while (left > 0) {
    // As many bits as end within one byte, from the highest on.
    const auto at = static_cast<unsigned>(offset & 7U);
    const auto count = static_cast<unsigned>(std::min<std::uint64_t>(left, 8U - at));
    const unsigned shift = 8U - at - count;
    const unsigned mask = ((1U << count) - 1U) << shift;
    left -= count;
    const auto part = static_cast<unsigned>(static_cast<std::uint64_t>(value) >> left) << shift;
    const auto byte = static_cast<unsigned char>(bytes[offset / 8]);
    bytes[offset / 8] = static_cast<char>((byte & ~mask) | (part & mask));
    offset += count;
  }
}

// A negative value counts as too large for an unsigned field, as in Redis, where it is a large number then.
std::optional<std::int64_t> fit(const FieldType& type, std::int64_t value, Overflow overflow) {
  if (value >= type.min() && value <= type.max()) return value;
  const bool too_small = type.is_signed && value < 0;
  return overflowed(type, static_cast<std::uint64_t>(value), too_small ? Beyond::kMin : Beyond::kMax,
                    overflow);
}

std::optional<std::int64_t> add(const FieldType& type, std::int64_t value, std::int64_t by,
                                Overflow overflow) {
  std::int64_t sum = 0;
  const bool fits_int64 = !__builtin_add_overflow(value, by, &sum);
  if (fits_int64 && sum >= type.min() && sum <= type.max()) return sum;
  return overflowed(type, static_cast<std::uint64_t>(value) + static_cast<std::uint64_t>(by),
                    by < 0 ? Beyond::kMin : Beyond::kMax, overflow);
}

}  // namespace ringhold::bitmaps
