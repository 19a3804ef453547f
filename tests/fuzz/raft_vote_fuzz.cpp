// The vote file and the identity, of unknown origin. What is accepted comes out again as it went in.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cluster/raft_io/identity.h"
#include "cluster/raft_io/vote_file.h"
#include "common/base/check.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace {

using namespace ringhold;
using namespace ringhold::raft_io;

// With the checksum that belongs to it in its last 8 bytes.
std::string with_checksum(std::string bytes) {
  const std::uint64_t checksum = XXH3_64bits(bytes.data(), bytes.size());
  for (unsigned i = 0; i < 8; ++i) bytes.push_back(static_cast<char>((checksum >> (8 * i)) & 0xFFU));
  return bytes;
}

void read(const std::string& bytes) {
  if (const auto identity = decode_identity(bytes); identity.ok()) INVARIANT(encode(*identity) == bytes);
  if (const auto copy = decode_vote_file(bytes); copy.ok()) {
    const std::string sector = encode(*copy);
    INVARIANT(bytes.substr(0, sector.size()).substr(0, 40) == sector.substr(0, 40) ||
              bytes.substr(4096, sector.size()).substr(0, 40) == sector.substr(0, 40));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  read(input);
  read(with_checksum(input));
  std::string copy = input.substr(0, 504);
  copy.resize(504);
  std::string file = with_checksum(copy);
  file.resize(4096);
  file += input.size() > 504 ? input.substr(504) : std::string();
  file.resize(kVoteFileBytes);
  read(file);
  return 0;
}
