// Many replies into one: the pure half of splitting and scattering.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/byte_buffer.h"
#include "common/command/command_table.h"
#include "common/resp/reply_writer.h"

namespace ringhold {

// One shard's share of a command.
struct GatherPart {
  std::vector<std::uint32_t>
      elements;       // Gather::kInOrder: where each of this part's elements stands in the whole
  std::string reply;  // one complete RESP reply
};

// Writes the one reply that the client gets. An error among the replies is the reply (the first, in the order
// of the parts). Gather::kScan expects replies as a data server gives them to a peer: [next cursor, [key,
// position, key, position, ...]]. Precondition: at least one part; `how` is neither kNone nor kRandom.
void merge_replies(Gather how, std::span<const GatherPart> parts, RespVersion resp, ByteBuffer& out);

// The same for Gather::kRandom. The parts are [key, or null where there is none; number of keys], as a data
// server tells a peer; a shard's key is chosen with a chance according to its number. `random`: any number.
void choose_key(std::span<const GatherPart> parts, std::uint64_t random, RespVersion resp, ByteBuffer& out);

}  // namespace ringhold
