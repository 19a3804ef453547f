#include "common/wire/codec.h"

#include <algorithm>

namespace ringhold {

namespace {

template <typename T>
T read_fixed(std::string_view bytes) {
  T value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    value |= static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes[i])) << (8 * i));
  }
  return value;
}

template <typename T>
void write_fixed(ByteBuffer& out, T value) {
  char* at = out.prepare(sizeof(T));
  for (std::size_t i = 0; i < sizeof(T); ++i) at[i] = static_cast<char>((value >> (8 * i)) & 0xFFU);
  out.commit(sizeof(T));
}

}  // namespace

void WireWriter::u32(std::uint32_t value) {
  write_fixed(*out_, value);
}
void WireWriter::u64(std::uint64_t value) {
  write_fixed(*out_, value);
}

void WireWriter::long_varint(std::uint64_t value) {
  char* at = out_->prepare(kVarintBytesMax);
  std::size_t n = 0;
  while (value >= 0x80U) {
    at[n++] = static_cast<char>((value & 0x7FU) | 0x80U);
    value >>= 7U;
  }
  at[n++] = static_cast<char>(value);
  out_->commit(n);
}

void WireWriter::bytes(std::string_view value) {
  varint(value.size());
  out_->append(value);
}

void WireWriter::id(const Id128& value) {
  out_->append({reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()});
}

std::string_view WireReader::take(std::uint64_t n) {
  if (!ok_ || n > in_.size()) {
    ok_ = false;
    in_ = {};
    return {};
  }
  const std::string_view taken = in_.substr(0, static_cast<std::size_t>(n));
  in_.remove_prefix(taken.size());
  return taken;
}

std::uint8_t WireReader::u8() {
  return read_fixed<std::uint8_t>(take(1));
}
std::uint32_t WireReader::u32() {
  return read_fixed<std::uint32_t>(take(4));
}
std::uint64_t WireReader::u64() {
  return read_fixed<std::uint64_t>(take(8));
}

std::uint64_t WireReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = u8();
    if (!ok_) return 0;
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) {
      // The tenth byte has room for one bit; more would be lost.
      if (shift == 63 && byte > 1) break;
      return value;
    }
  }
  ok_ = false;
  in_ = {};
  return 0;
}

std::string_view WireReader::bytes() {
  return take(varint());
}

Id128 WireReader::id() {
  Id128 value;
  const std::string_view raw = take(value.bytes.size());
  if (ok_) {
    std::transform(raw.begin(), raw.end(), value.bytes.begin(),
                   [](char c) { return static_cast<std::uint8_t>(c); });
  }
  return value;
}

}  // namespace ringhold
