// A log of unknown origin: as one segment, byte by byte; and as records in segments whose checksums are
// right, so that the inside is reached. It is refused, or it is a log.
//
// The second reading of an input: a byte that says what to do, two for a length, so many bytes; and so on.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "cluster/raft_io/file_names.h"
#include "cluster/raft_io/log_recovery.h"
#include "common/base/check.h"
#include "tests/unit/backup/memory_disk.h"

namespace {

using namespace ringhold;
using namespace ringhold::raft_io;

const std::string kDirectory = "d";

void recover(MemoryDisk& disk, std::uint64_t snapshot_index) {
  raft::SnapshotMeta newest;
  newest.position = {{snapshot_index}, {snapshot_index > 0 ? 1U : 0U}};
  Identity identity;
  identity.has_log = true;
  raft::LogIndex applied = newest.position.index;
  auto found = LogRecovery(disk, kDirectory, identity, newest, [&](const raft::Entry& entry) {
                 INVARIANT(entry.position.index == applied.next());
                 applied = entry.position.index;
               }).run({1, {{1000}, {}}, 1});
  if (!found.ok()) {
    INVARIANT(!found.error().message.empty());
    return;
  }
  const raft::Log& log = found->log;
  INVARIANT(found->applied == applied && applied <= log.last_index());
  INVARIANT(log.memory_first() <= applied.next());
  INVARIANT(log.snapshot().position == newest.position && log.has(newest.position));
  raft::Term term;
  for (raft::LogIndex at = log.memory_first(); at <= log.last_index(); at = at.next()) {
    INVARIANT(log.at(at).position.index == at && log.at(at).position.term >= term);
    term = log.at(at).position.term;
  }
}

// Writes segments by order of the input.
class Writer {
 public:
  explicit Writer(MemoryDisk& disk) : disk_(disk) { begin({}); }

  void take(std::uint8_t order, std::string_view bytes) {
    if (order % 8 == 0) begin(bytes);
    if (order % 8 == 1) lose(bytes.size());
    if (order % 8 > 1 && !bytes.empty()) write(bytes);
  }

 private:
  // Its header says where the log is, as far as the input does.
  void begin(std::string_view bytes) {
    SegmentHeader header;
    const auto byte = [&](std::size_t i) -> std::uint64_t {
      return i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : 0;
    };
    header.last = {{byte(0)}, {byte(1)}};
    header.commit = {byte(2)};
    header.sectors_before = place_.sector;
    header.checksum_before = place_.checksum;
    if (byte(3) != 0) header.anew.emplace().position = {{byte(4)}, {byte(5)}};
    std::string record;
    append_header(record, header);
    place_ = {place_.segment + 1, 0, static_cast<std::uint32_t>(sectors_for(record.size())), place_.checksum};
    file() = pack_write(record, place_);
  }
  void write(std::string_view records) {
    place_.synced = place_.sector;
    file() += pack_write(records, place_);
  }
  void lose(std::size_t sector) {
    std::string& bytes = file();
    if (sector * kSectorBytes >= bytes.size()) return;
    bytes.replace(sector * kSectorBytes, kSectorBytes, kSectorBytes, '\0');
  }
  std::string& file() { return disk_.files[segment_path(kDirectory, place_.segment)]; }

  MemoryDisk& disk_;
  WritePlace place_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  MemoryDisk raw;
  raw.files[segment_path(kDirectory, 1)] = std::string(input);
  recover(raw, 0);

  MemoryDisk disk;
  Writer writer(disk);
  const std::uint64_t snapshot_index = size > 0 ? data[size - 1] % 4 : 0;
  while (input.size() >= 3) {
    const auto order = static_cast<std::uint8_t>(input[0]);
    const std::size_t length =
        static_cast<std::uint8_t>(input[1]) | std::size_t{static_cast<std::uint8_t>(input[2])} << 8U;
    const std::string_view bytes = input.substr(3, std::min(length, input.size() - 3));
    writer.take(order, bytes);
    input.remove_prefix(3 + bytes.size());
  }
  recover(disk, snapshot_index);
  return 0;
}
