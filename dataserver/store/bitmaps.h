// Strings as arrays of bits: bit 0 is the highest one of the first byte.
//
// First what can be said about bytes alone, a word at a time; then what changes a string. Offsets are in
// bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/ids.h"
#include "dataserver/store/store.h"
#include "dataserver/store/strings.h"

namespace ringhold::bitmaps {

// Bits `first` to `last`, both included. Precondition of all that take one: it is not empty and lies within
// the bytes.
struct BitRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};
// Zero beyond the end.
bool bit_at(std::string_view bytes, std::uint64_t offset);
std::uint64_t count_ones(std::string_view bytes, const BitRange& range);
// The first bit that is `bit`.
std::optional<std::uint64_t> find_bit(std::string_view bytes, bool bit, const BitRange& range);

enum class Operation : std::uint8_t { kAnd, kOr, kXor, kNot };
// As long as the longest source; shorter ones count as zeros beyond their end. kNot takes one source.
std::string combine(Operation operation, std::span<const std::string_view> sources);

// The string becomes long enough for a bit, and takes it. Returns the bit before.
struct BitResult {
  strings::Status status;
  bool before = false;
};
// Precondition: offset / 8 is within string_bytes_max().
BitResult set_bit(Store& store, std::string_view key, std::uint64_t offset, bool bit, UnixMs now);
// Replaces a value of any type; an empty string deletes the key.
void set_bytes(Store& store, std::string_view key, std::string_view bytes, UnixMs now);

// The longest string that there may be.
std::uint64_t string_bytes_max(const Store& store);

}  // namespace ringhold::bitmaps
