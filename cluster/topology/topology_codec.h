// How a topology is laid out in bytes.
//
//   magic "RHTP" | format u32 | checksum u64 | payload
//
// Integers of the header are little-endian. The checksum is XXH3-64 of the payload and is verified before
// cereal sees a byte of it. The payload is a cereal portable binary archive of plain numbers and byte runs;
// lengths and counts stand in it as numbers of their own and are checked against limits, so that no container
// is ever sized by what a peer claims:
//
//   topology: byte order 1 (little-endian) | cluster 16 bytes | generation u64 | epoch u64 |
//             authority text | shards u32 | each shard | the owners of 16384 slots, u16 each
//
//   shard: name text | id 16 bytes | weight u32 | replicas u32 | for each: host text, port u16
//
//   text: length u16 | bytes
//
// A format newer than kTopologyFormat is refused with advice to update.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ringhold {

inline constexpr std::uint32_t kTopologyFormat = 1;

// Puts the header before a payload. For encode_topology, and for tests of hostile payloads.
std::string seal_topology_payload(std::string_view payload, std::uint32_t format = kTopologyFormat);

}  // namespace ringhold
