#include "tests/sim/raft/proposal.h"

#include "common/wire/codec.h"

namespace ringhold::sim {

std::string encode(const Proposal& proposal) {
  ByteBuffer out;
  WireWriter writer(out);
  writer.u64(static_cast<std::uint64_t>(proposal.wall_ms));
  writer.u64(proposal.seed);
  writer.varint(proposal.client);
  writer.varint(proposal.number);
  writer.varint(proposal.commands.size());
  for (const Words& words : proposal.commands) {
    writer.varint(words.size());
    for (const std::string& word : words) writer.bytes(word);
  }
  return std::string(out.view());
}

Result<Proposal> decode_proposal(std::string_view bytes) {
  WireReader reader(bytes);
  Proposal proposal;
  proposal.wall_ms = static_cast<UnixMs>(reader.u64());
  proposal.seed = reader.u64();
  proposal.client = static_cast<std::uint32_t>(reader.varint());
  proposal.number = reader.varint();
  const std::uint64_t commands = reader.varint();
  for (std::uint64_t i = 0; i < commands && reader.ok(); ++i) {
    Words& words = proposal.commands.emplace_back();
    const std::uint64_t count = reader.varint();
    for (std::uint64_t j = 0; j < count && reader.ok(); ++j) words.emplace_back(reader.bytes());
  }
  if (!reader.done()) return Error{"an entry that no client has proposed"};
  return proposal;
}

}  // namespace ringhold::sim
