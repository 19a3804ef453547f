// Keys to slots, exactly as Redis Cluster does it (cluster-spec, "Key distribution model" and "Hash tags").
#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/ids.h"

namespace ringhold {

// CRC16-XMODEM: polynomial 0x1021, initial value 0, not reflected. crc16("123456789") == 0x31C3.
std::uint16_t crc16(std::string_view bytes);

// The part of `key` that is hashed: what stands between the first '{' and the first '}' after it, if that is
// not empty; else the whole key.
std::string_view hash_tag(std::string_view key);

Slot slot_of(std::string_view key);

}  // namespace ringhold
