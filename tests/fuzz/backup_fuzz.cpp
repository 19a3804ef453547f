// A backup file of unknown origin: as it is, and with its checksums made right, so that the inside is
// reached. It is refused, or it restores a store whose books balance and whose values can all be read again.
//
// The second reading of an input: a byte for the kind of a chunk, two for the length of its body, the body;
// and so on.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/check.h"
#include "dataserver/backup/restore.h"
#include "dataserver/backup/value_items.h"
#include "tests/unit/backup/memory_disk.h"

namespace {

using namespace ringhold;

void restore(std::string bytes) {
  constexpr UnixMs kNow = 1700000000000;
  MemoryDisk disk;
  disk.files["dump.rh"] = std::move(bytes);
  Store store({.seed = 3, .value_bytes_max = std::uint64_t{1} << 20U});
  const auto summary = restore_backup(disk, "dump.rh", store, kNow, {});
  INVARIANT(store.used_bytes() == store.recount_bytes());
  if (!summary) return;
  INVARIANT(store.size() == summary->keys - summary->expired);
  store.scan({}, store.size() + 1, [](const Entry& entry) {
    std::size_t items = 0;
    visit_items(entry, [&items](std::string_view /*item*/) { ++items; });
    if (entry.type() == ValueType::kString || entry.payload() != Payload::kTable) return;
    const bool pairs = entry.type() == ValueType::kHash || entry.type() == ValueType::kZset;
    INVARIANT(items == entry.collection()->size() * (pairs ? 2 : 1));
  });
}

std::string with_checksums(std::string_view input) {
  std::string file;
  ChunkWriter writer(file);
  std::uint64_t keys = 0;
  while (input.size() >= 3) {
    const auto kind = static_cast<ChunkKind>(input[0]);
    const std::size_t length =
        static_cast<std::uint8_t>(input[1]) | std::size_t{static_cast<std::uint8_t>(input[2])} << 8U;
    const std::string_view body = input.substr(3, std::min(length, input.size() - 3));
    if (kind == ChunkKind::kEntries) {
      if (const auto records = decode_backup_entries(body)) keys += records->size();
    } else if (kind == ChunkKind::kPart) {
      if (const auto part = decode_backup_part(body)) keys += part->first ? 1 : 0;
    }
    writer.append(file, kind, body);
    input.remove_prefix(3 + body.size());
  }
  writer.append(file, ChunkKind::kFooter, encode_backup_footer({keys, writer.chunks(), writer.bytes()}));
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  restore(input);
  restore(with_checksums(input));
  return 0;
}
