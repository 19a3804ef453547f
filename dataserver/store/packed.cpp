#include "dataserver/store/packed.h"

#include <cstring>

#include "common/base/check.h"
#include "common/base/same_bytes.h"

namespace ringhold {

namespace {

constexpr unsigned char kString6 = 0x80;
constexpr unsigned char kInteger13 = 0xC0;
constexpr unsigned char kString12 = 0xE0;
constexpr unsigned char kString32 = 0xF0;
constexpr unsigned char kInteger16 = 0xF1;
constexpr unsigned char kInteger24 = 0xF2;
constexpr unsigned char kInteger32 = 0xF3;
constexpr unsigned char kInteger64 = 0xF4;

constexpr std::size_t kString6Max = 63;
constexpr std::size_t kString12Max = 4095;

constexpr bool fits_signed(std::int64_t value, unsigned bits) {
  const std::int64_t limit = std::int64_t{1} << (bits - 1U);
  return value >= -limit && value < limit;
}

unsigned char byte_at(std::string_view bytes, std::size_t position) {
  return static_cast<unsigned char>(bytes[position]);
}

struct Head {
  std::size_t bytes;  // of the head itself
  std::size_t data;   // bytes that follow it
};

constexpr std::size_t integer_data_bytes(unsigned char tag) {
  constexpr std::size_t kBytes[] = {2, 3, 4, 8};
  return kBytes[tag - kInteger16];
}

Head read_head(std::string_view bytes, std::size_t position) {
  const unsigned char tag = byte_at(bytes, position);
  if (tag < kString6) return {1, 0};
  if (tag < kInteger13) return {1, tag & kString6Max};
  if (tag < kString12) return {2, 0};
  if (tag < kString32) return {2, std::size_t{tag & 0x0FU} << 8U | byte_at(bytes, position + 1)};
  if (tag == kString32) {
    std::uint32_t length = 0;
    std::memcpy(&length, bytes.data() + position + 1, sizeof(length));
    return {1 + sizeof(length), length};
  }
  return {1, integer_data_bytes(tag)};
}

std::size_t integer_size(std::int64_t value) {
  if (value >= 0 && value <= 127) return 1;
  if (fits_signed(value, 13)) return 2;
  if (fits_signed(value, 16)) return 3;
  if (fits_signed(value, 24)) return 4;
  if (fits_signed(value, 32)) return 5;
  return 9;
}

std::size_t string_size(std::size_t length) {
  if (length <= kString6Max) return 1 + length;
  if (length <= kString12Max) return 2 + length;
  return 5 + length;
}

// Seven bits a byte, the lowest in the last one; all but the first have the top bit set.
std::size_t back_size(std::size_t length) {
  std::size_t bytes = 1;
  for (; length > 127; length >>= 7U) ++bytes;
  return bytes;
}

char* write_back(char* at, std::size_t length) {
  const std::size_t bytes = back_size(length);
  for (std::size_t i = bytes; i > 0; --i, length >>= 7U) {
    at[i - 1] = static_cast<char>((length & 0x7FU) | (i > 1 ? 0x80U : 0U));
  }
  return at + bytes;
}

char* write_little_endian(char* at, std::int64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i)
    *at++ = static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i));
  return at;
}

std::int64_t read_little_endian(const char* at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    value |= std::uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
  INVARIANT(bytes > 0);
  const auto unused = static_cast<unsigned>(64 - 8 * bytes);
  return static_cast<std::int64_t>(value << unused) >> unused;
}

char* write_integer(char* at, std::int64_t value) {
  switch (integer_size(value)) {
    case 1:
      *at++ = static_cast<char>(value);
      return at;
    case 2: {
      const auto bits = static_cast<std::uint64_t>(value) & 0x1FFFU;
      *at++ = static_cast<char>(kInteger13 | bits >> 8U);
      *at++ = static_cast<char>(bits);
      return at;
    }
    case 3:
      *at++ = static_cast<char>(kInteger16);
      return write_little_endian(at, value, 2);
    case 4:
      *at++ = static_cast<char>(kInteger24);
      return write_little_endian(at, value, 3);
    case 5:
      *at++ = static_cast<char>(kInteger32);
      return write_little_endian(at, value, 4);
    default:
      *at++ = static_cast<char>(kInteger64);
      return write_little_endian(at, value, 8);
  }
}

char* write_string(char* at, std::string_view bytes) {
  const std::size_t length = bytes.size();
  if (length <= kString6Max) {
    *at++ = static_cast<char>(kString6 | length);
  } else if (length <= kString12Max) {
    *at++ = static_cast<char>(kString12 | length >> 8U);
    *at++ = static_cast<char>(length);
  } else {
    const auto length32 = static_cast<std::uint32_t>(length);
    INVARIANT(length32 == length);
    *at++ = static_cast<char>(kString32);
    std::memcpy(at, &length32, sizeof(length32));
    at += sizeof(length32);
  }
  if (length > 0) std::memcpy(at, bytes.data(), length);
  return at + length;
}

}  // namespace

std::size_t packed_size(const StringValue& value) {
  const std::size_t front = value.is_integer ? integer_size(value.integer) : string_size(value.bytes.size());
  return front + back_size(front);
}

char* pack(char* at, const StringValue& value) {
  char* end = value.is_integer ? write_integer(at, value.integer) : write_string(at, value.bytes);
  return write_back(end, static_cast<std::size_t>(end - at));
}

StringValue PackedItems::long_at(std::size_t position) const {
  const unsigned char tag = byte_at(bytes_, position);
  if (tag < kString12) {
    const auto bits = std::uint64_t{tag & 0x1FU} << 8U | byte_at(bytes_, position + 1);
    return StringValue::number(static_cast<std::int64_t>(bits << 51U) >> 51U);
  }
  const Head head = read_head(bytes_, position);
  if (tag > kString32)
    return StringValue::number(read_little_endian(bytes_.data() + position + 1, head.data));
  return StringValue::raw(bytes_.substr(position + head.bytes, head.data));
}

bool PackedItems::equals(std::size_t position, const StringValue& value) const {
  return at(position) == value;
}

std::size_t PackedItems::find(const StringValue& value, std::size_t step) const {
  const auto first = [this, step](auto&& is_at) {
    std::size_t position = 0;
    while (position < size() && !is_at(position)) {
      for (std::size_t i = 0; i < step; ++i) position = next(position);
    }
    return position;
  };
  if (value.is_integer || value.bytes.size() > kString6Max) {
    const PackedItem wanted(value);
    return first([&](std::size_t position) { return wanted.is_at(*this, position); });
  }
  // What is looked for nearly always, without building an item.
  const auto tag = static_cast<unsigned>(kTagString6 + value.bytes.size());
  return first([&](std::size_t position) {
    return tag_at(position) == tag &&
           same_bytes(bytes_.data() + position + 1, value.bytes.data(), value.bytes.size());
  });
}

std::size_t PackedItems::next_of_long(std::size_t position) const {
  const Head head = read_head(bytes_, position);
  const std::size_t front = head.bytes + head.data;
  return position + front + back_size(front);
}

std::size_t PackedItems::previous(std::size_t position) const {
  std::size_t length = 0;
  unsigned shift = 0;
  std::size_t at = position;
  for (;;) {
    const unsigned char byte = byte_at(bytes_, --at);
    length |= std::size_t{byte & 0x7FU} << shift;
    if ((byte & 0x80U) == 0) break;
    shift += 7;
  }
  return at - length;
}

std::size_t PackedItems::nth(std::size_t index) const {
  std::size_t position = 0;
  for (; index > 0 && position < size(); --index) position = next(position);
  return position;
}

std::size_t PackedItems::nth_last(std::size_t index) const {
  std::size_t position = previous(size());
  for (; index > 0; --index) position = previous(position);
  return position;
}

std::size_t Packed::position(std::size_t index) const {
  const std::size_t items = count();
  if (index == items) return this->items().size();
  return index < items / 2 ? this->items().nth(index) : this->items().nth_last(items - 1 - index);
}

}  // namespace ringhold
