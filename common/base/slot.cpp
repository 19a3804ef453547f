#include "common/base/slot.h"

#include <bit>
#include <cstddef>
#include <cstring>

// The CRC without tables. Bits are coefficients of a polynomial over GF(2), sums are XOR, and the CRC of a
// message M is M·x^16 mod P with P = x^16 + x^12 + x^5 + 1. P has few terms, and squaring over GF(2) only
// doubles exponents, so both steps below are a handful of shifts:
//
// - eight bytes more: P^4 = x^64 + x^48 + x^20 + 1, so a state of 64 bits is reduced modulo P^4 as bits are
//   modulo P. What is congruent modulo P^4 is congruent modulo P.
// - the end: the quotient of division by P = x^16·(1 + s), s = x^-4 + x^-11 + x^-16, is a product with
//   1/(1 + s) = (1 + s)(1 + s^2)(1 + s^4)…, in which every shift is to the right, so that what falls off
//   would never have come back. The remainder is the quotient times P, in its last 16 bits.
//
// This takes less time than a table for each of eight bytes does, and leaves the cache to others.
namespace ringhold {

namespace {

constexpr std::size_t kBlock = sizeof(std::uint64_t);

// (state·x^64 + block) mod P^4
inline std::uint64_t absorb(std::uint64_t state, std::uint64_t block) {
  std::uint64_t quotient = state ^ state >> 16U ^ state >> 44U;
  quotient ^= quotient >> 32U;
  return quotient ^ quotient << 20U ^ quotient << 48U ^ block;
}

// state·x^16 mod P
inline std::uint16_t finish(std::uint64_t state) {
  std::uint64_t quotient = state;
  quotient ^= quotient >> 4U ^ quotient >> 11U ^ quotient >> 16U;  // 1 + s
  quotient ^= quotient >> 8U ^ quotient >> 22U ^ quotient >> 32U;  // 1 + s^2
  quotient ^= quotient >> 16U ^ quotient >> 44U;                   // 1 + s^4
  quotient ^= quotient >> 32U;                                     // 1 + s^8
  return static_cast<std::uint16_t>(quotient ^ quotient << 5U ^ quotient << 12U);
}

// Eight bytes as a number, the first one highest.
std::uint64_t load_block(const char* bytes) {
  std::uint64_t block = 0;
  std::memcpy(&block, bytes, kBlock);
  return std::endian::native == std::endian::little ? __builtin_bswap64(block) : block;
}

// Fewer bytes than that in the same way, with zeros above them.
std::uint64_t load_few(std::string_view bytes) {
  std::uint64_t block = 0;
  for (const char byte : bytes) block = block << 8U | static_cast<unsigned char>(byte);
  return block;
}

// Not zero if one of eight bytes is `byte` (Anderson, "Bit Twiddling Hacks": a word with a zero byte).
std::uint64_t has_byte(std::uint64_t block, char byte) {
  constexpr std::uint64_t kEachByte = 0x0101010101010101U;
  block ^= kEachByte * static_cast<unsigned char>(byte);
  return (block - kEachByte) & ~block & kEachByte << 7U;
}

struct Pass {
  std::uint64_t state = 0;   // of the CRC
  std::uint64_t braces = 0;  // not zero if there is a '{'
};

// The odd bytes come first: zeros in front change no CRC that begins at 0.
inline Pass pass_over(std::string_view bytes) {
  if (bytes.empty()) return {};
  std::size_t at = (bytes.size() - 1) % kBlock + 1;
  std::uint64_t block =
      bytes.size() < kBlock ? load_few(bytes) : load_block(bytes.data()) >> (8 * (kBlock - at));
  Pass pass{.state = block, .braces = has_byte(block, '{')};
  for (; at < bytes.size(); at += kBlock) {
    block = load_block(bytes.data() + at);
    pass.state = absorb(pass.state, block);
    pass.braces |= has_byte(block, '{');
  }
  return pass;
}

Slot slot_of_crc(std::uint16_t crc) {
  return Slot{static_cast<std::uint16_t>(crc % kSlotCount)};
}

}  // namespace

std::uint16_t crc16(std::string_view bytes) {
  return finish(pass_over(bytes).state);
}

std::string_view hash_tag(std::string_view key) {
  const std::size_t open = key.find('{');
  if (open == std::string_view::npos) return key;
  const std::size_t close = key.find('}', open + 1);
  if (close == std::string_view::npos || close == open + 1) return key;
  return key.substr(open + 1, close - open - 1);
}

// Every command does this, and most keys have no tag.
Slot slot_of(std::string_view key) {
  const Pass pass = pass_over(key);
  if (pass.braces != 0) [[unlikely]]
    return slot_of_crc(crc16(hash_tag(key)));
  return slot_of_crc(finish(pass.state));
}

}  // namespace ringhold
