// The byte-level codec of the peer protocol: little-endian numbers, LEB128 varints, length-prefixed bytes.
//
// Hot frames are coded with this; rare structured values (a topology) use cereal behind a checksum.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/byte_buffer.h"
#include "common/base/ids.h"

namespace ringhold {

inline constexpr std::size_t kVarintBytesMax = 10;

// Appends to a buffer. Never fails.
class WireWriter {
 public:
  explicit WireWriter(ByteBuffer& out) : out_(&out) {}

  void u8(std::uint8_t value) { out_->push_back(static_cast<char>(value)); }
  void u32(std::uint32_t value);  // fixed four bytes
  void u64(std::uint64_t value);  // fixed eight bytes
  void varint(std::uint64_t value) {
    if (value < 0x80U) {
      u8(static_cast<std::uint8_t>(value));
    } else {
      long_varint(value);
    }
  }
  void bytes(std::string_view value);  // varint length, then the bytes
  void id(const Id128& value);

 private:
  void long_varint(std::uint64_t value);

  ByteBuffer* out_;
};

// Reads from a view. The first thing that does not fit clears ok(); from then on every read gives zero or
// nothing, so a caller checks once at the end. No length is believed beyond the bytes that are there.
class WireReader {
 public:
  explicit WireReader(std::string_view in) : in_(in) {}

  std::uint8_t u8();
  std::uint32_t u32();
  std::uint64_t u64();
  std::uint64_t varint();
  std::string_view bytes();
  Id128 id();

  bool ok() const { return ok_; }
  std::size_t left() const { return in_.size(); }
  // True if nothing failed and nothing is left over.
  bool done() const { return ok_ && in_.empty(); }
  // Everything that has not been read.
  std::string_view rest() const { return in_; }

 private:
  std::string_view take(std::uint64_t n);

  std::string_view in_;
  bool ok_ = true;
};

}  // namespace ringhold
