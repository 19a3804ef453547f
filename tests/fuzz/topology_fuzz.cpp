// A topology as a peer may send it: it is refused, or it satisfies every invariant and survives a round trip.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cluster/topology/topology.h"
#include "cluster/topology/topology_codec.h"
#include "common/base/check.h"

namespace {

void decode(std::string_view bytes) {
  using namespace ringhold;
  const auto topology = decode_topology(bytes);
  if (!topology) return;
  INVARIANT(check_topology(*topology).ok());
  INVARIANT(decode_topology(encode_topology(*topology)).value() == *topology);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  decode(input);
  decode(ringhold::seal_topology_payload(input));
  // The slot table is most of a topology and of little interest: seeds leave it out, slot for slot the first
  // shard's.
  decode(ringhold::seal_topology_payload(input + std::string(std::size_t{2} * ringhold::kSlotCount, '\0')));
  return 0;
}
