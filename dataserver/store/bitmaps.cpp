#include "dataserver/store/bitmaps.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "common/base/check.h"

namespace ringhold::bitmaps {

namespace {

using Word = std::uint64_t;
constexpr std::size_t kWordBytes = sizeof(Word);

unsigned char byte_at(std::string_view bytes, std::size_t index) {
  return static_cast<unsigned char>(bytes[index]);
}

Word load(const char* at) {
  Word word = 0;
  std::memcpy(&word, at, kWordBytes);
  return word;
}

// The bits of the range's first byte, and of its last one, that are in it.
constexpr unsigned char head_mask(std::uint64_t first) {
  return static_cast<unsigned char>(0xFFU >> (first & 7U));
}
constexpr unsigned char tail_mask(std::uint64_t last) {
  return static_cast<unsigned char>(0xFFU << (7U - (last & 7U)));
}

// Without the processor's own instruction, which not every x86-64 has: sums of bits side by side in each
// byte, added up for as many words as a byte can count.
std::uint64_t count_all_ones(std::string_view bytes) {
  constexpr Word kPairs = 0x5555555555555555U;
  constexpr Word kNibbles = 0x3333333333333333U;
  constexpr Word kBytes = 0x0F0F0F0F0F0F0F0FU;
  constexpr Word kEach = 0x0101010101010101U;
  constexpr std::size_t kWordsAtOnce = 31;  // of at most 8 bits a byte
  std::uint64_t count = 0;
  std::size_t at = 0;
  while (at + kWordBytes <= bytes.size()) {
    const std::size_t words = std::min((bytes.size() - at) / kWordBytes, kWordsAtOnce);
    Word sums = 0;
    for (std::size_t i = 0; i < words; ++i, at += kWordBytes) {
      Word word = load(bytes.data() + at);
      word -= (word >> 1U) & kPairs;
      word = (word & kNibbles) + ((word >> 2U) & kNibbles);
      sums += (word + (word >> 4U)) & kBytes;
    }
    constexpr Word kEven = 0x00FF00FF00FF00FFU;
    sums = (sums & kEven) + ((sums >> 8U) & kEven);
    count += (sums * (kEach & kEven)) >> 48U;
  }
  for (; at < bytes.size(); ++at) count += static_cast<unsigned>(std::popcount(byte_at(bytes, at)));
  return count;
}

// The first byte that is not `skipped` in all its bits, or the end.
std::size_t first_other_byte(std::string_view bytes, unsigned char skipped) {
  const Word skipped_word = skipped == 0 ? 0 : ~Word{0};
  std::size_t at = 0;
  while (at + kWordBytes <= bytes.size() && load(bytes.data() + at) == skipped_word) at += kWordBytes;
  while (at < bytes.size() && byte_at(bytes, at) == skipped) ++at;
  return at;
}

template <typename Combine>
void combine_words(char* into, const char* from, std::size_t size, Combine&& combine) {
  std::size_t at = 0;
  for (; at + kWordBytes <= size; at += kWordBytes) {
    const Word word = combine(load(into + at), load(from + at));
    std::memcpy(into + at, &word, kWordBytes);
  }
  for (; at < size; ++at) {
    into[at] = static_cast<char>(
        combine(static_cast<unsigned char>(into[at]), static_cast<unsigned char>(from[at])));
  }
}

void combine_into(std::string& result, Operation operation, std::string_view source) {
  char* into = result.data();
  switch (operation) {
    case Operation::kAnd:
      combine_words(into, source.data(), source.size(), [](Word a, Word b) { return a & b; });
      std::fill(result.begin() + static_cast<std::ptrdiff_t>(source.size()), result.end(), '\0');
      return;
    case Operation::kOr:
      return combine_words(into, source.data(), source.size(), [](Word a, Word b) { return a | b; });
    case Operation::kXor:
      return combine_words(into, source.data(), source.size(), [](Word a, Word b) { return a ^ b; });
    case Operation::kNot:
      return combine_words(into, source.data(), source.size(), [](Word, Word b) { return ~b; });
  }
}

}  // namespace

// --- bytes ---

bool bit_at(std::string_view bytes, std::uint64_t offset) {
  const std::uint64_t index = offset / 8;
  return index < bytes.size() && (byte_at(bytes, index) >> (7U - (offset & 7U)) & 1U) != 0;
}

std::uint64_t count_ones(std::string_view bytes, const BitRange& range) {
  const std::size_t first = range.first / 8;
  const std::size_t last = range.last / 8;
  const auto outside_head = static_cast<unsigned char>(byte_at(bytes, first) & ~head_mask(range.first));
  const auto outside_tail = static_cast<unsigned char>(byte_at(bytes, last) & ~tail_mask(range.last));
  return count_all_ones(bytes.substr(first, last - first + 1)) -
         static_cast<unsigned>(std::popcount(outside_head)) -
         static_cast<unsigned>(std::popcount(outside_tail));
}

std::optional<std::uint64_t> find_bit(std::string_view bytes, bool bit, const BitRange& range) {
  const std::size_t last = range.last / 8;
  // Bits that are looked for are ones here, and those outside the range zeros.
  const auto wanted = [&](std::size_t index) {
    auto byte = static_cast<unsigned char>(bit ? byte_at(bytes, index) : ~byte_at(bytes, index));
    if (index == range.first / 8) byte &= head_mask(range.first);
    if (index == last) byte &= tail_mask(range.last);
    return byte;
  };
  const auto offset_in = [&wanted](std::size_t index) {
    return std::uint64_t{index} * 8 + static_cast<unsigned>(std::countl_zero(wanted(index)));
  };
  std::size_t at = range.first / 8;
  if (wanted(at) != 0) return offset_in(at);
  if (++at > last) return std::nullopt;
  at += first_other_byte(bytes.substr(at, last - at), bit ? 0x00 : 0xFF);
  if (wanted(at) != 0) return offset_in(at);
  return std::nullopt;
}

std::string combine(Operation operation, std::span<const std::string_view> sources) {
  INVARIANT(!sources.empty());
  std::size_t size = 0;
  for (const std::string_view source : sources) size = std::max(size, source.size());
  std::string result(sources[0]);
  result.resize(size);
  if (operation == Operation::kNot) {
    combine_into(result, operation, sources[0]);
  } else {
    for (const std::string_view source : sources.subspan(1)) combine_into(result, operation, source);
  }
  return result;
}

// --- strings ---

std::uint64_t string_bytes_max(const Store& store) {
  return std::min<std::uint64_t>(store.options().value_bytes_max, limits::kStringBytesMax);
}

BitResult set_bit(Store& store, std::string_view key, std::uint64_t offset, bool bit, UnixMs now) {
  const HashedKey hashed = store.hash(key);
  Place place = store.find(hashed, now, Use::kWrite);
  if (place && place.entry->type() != ValueType::kString) return {strings::Status::kWrongType};
  const std::size_t index = offset / 8;
  const std::size_t old_size = place ? place.entry->text_size() : 0;
  char* at = store.resize_string(hashed, place, std::max(old_size, index + 1), {index, 1}, now);
  const bool before = bit_at({at, 1}, offset & 7U);
  const auto mask = static_cast<unsigned char>(0x80U >> (offset & 7U));
  const auto byte = static_cast<unsigned char>(*at);
  *at = static_cast<char>(bit ? byte | mask : byte & ~mask);
  return {strings::Status::kOk, before};
}

// As a string that was grown, which Redis's encoding "raw" tells of.
void set_bytes(Store& store, std::string_view key, std::string_view bytes, UnixMs now) {
  const HashedKey hashed = store.hash(key);
  Place place = store.find(hashed, now, Use::kWrite);
  if (bytes.empty()) {
    if (place) store.erase(hashed, place);
    return;
  }
  store.set_string(hashed, place, StringValue::raw(bytes), kNoDeadline, now);
  store.resize_string(hashed, place, bytes.size(), {}, now);
}

}  // namespace ringhold::bitmaps
