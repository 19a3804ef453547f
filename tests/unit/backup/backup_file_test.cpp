// The frame of a backup: what is written is read, and no damage goes unnoticed.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "common/base/limits.h"
#include "dataserver/backup/backup_file.h"
#include "dataserver/backup/part_writer.h"
#include "dataserver/backup/restore.h"
#include "tests/unit/backup/memory_file.h"

namespace ringhold {
namespace {

// A whole file of a few keys, by the writers that the server uses.
std::string small_backup() {
  std::string file;
  ChunkWriter writer(file);
  BackupHeader header{.software = "Ringhold test", .created_ms = 1700000000000, .log_time = 1700000000000};
  header.shard = "a";
  writer.append(file, ChunkKind::kHeader, encode_backup_header(header));
  EntriesEncoder entries;
  entries.begin_record({ValueType::kString, 1800000000000, 5}, "text");
  entries.item("value");
  entries.end_record();
  entries.begin_record({ValueType::kList}, "list");
  for (const char* item : {"a", "", "c"}) entries.item(item);
  entries.end_record();
  writer.append(file, ChunkKind::kEntries, entries.take_entries());
  PartWriter parts(7, {ValueType::kSet}, "set");
  for (int i = 0; i < 3; ++i) {
    parts.item("member" + std::to_string(i));
    parts.write(writer, file, /*is_last=*/i == 2);
  }
  const BackupFooter footer{3, writer.chunks(), writer.bytes()};
  writer.append(file, ChunkKind::kFooter, encode_backup_footer(footer));
  return file;
}

struct Taken {
  std::vector<std::string> lines;
  Result<BackupSummary> read(std::string bytes) {
    return read_backup(memory_file(std::move(bytes)),
                       [this](const BackupRecord& record, bool first, bool last) {
                         std::string line = record.key + (first ? " first" : "") + (last ? " last" : "");
                         for (const std::string& item : record.items) line += " [" + item + "]";
                         lines.push_back(line);
                         return Result<void>();
                       },
                       {});
  }
};

}  // namespace

TEST_CASE("backup file: what is written is read") {
  Taken taken;
  const auto summary = taken.read(small_backup());
  REQUIRE_MESSAGE(summary.ok(), (summary ? "" : summary.error().message));
  CHECK(taken.lines == std::vector<std::string>{"text first last [value]", "list first last [a] [] [c]",
                                                "set first [member0]", "set [member1]",
                                                "set last [member2]"});
  CHECK(summary->header.software == "Ringhold test");
  CHECK(summary->header.shard == "a");
  CHECK(summary->keys == 3);
  CHECK(summary->deadlines == 1);
  CHECK(summary->items_of[static_cast<std::size_t>(ValueType::kSet)] == 3);
  CHECK(summary->chunks == 6);
}

TEST_CASE("backup file: every flipped bit is found") {
  const std::string good = small_backup();
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[at] = static_cast<char>(static_cast<unsigned char>(bad[at]) ^ 1U << bit);
      Taken taken;
      const auto summary = taken.read(bad);
      CHECK_MESSAGE(!summary.ok(), "byte ", at, ", bit ", bit);
    }
  }
}

TEST_CASE("backup file: cut off anywhere, or longer than it should be") {
  const std::string good = small_backup();
  for (std::size_t size = 0; size < good.size(); ++size) {
    Taken taken;
    CHECK_MESSAGE(!taken.read(good.substr(0, size)).ok(), size, " of ", good.size(), " bytes");
  }
  Taken taken;
  const auto longer = taken.read(good + "x");
  REQUIRE(!longer.ok());
  CHECK(longer.error().message.find("byte " + std::to_string(good.size())) != std::string::npos);
}

TEST_CASE("backup file: errors name the place and the reason") {
  const std::string good = small_backup();
  Taken taken;
  std::string bad = good;
  bad[100] = static_cast<char>(bad[100] ^ 1);
  CHECK(taken.read(bad).error().message == "at byte 100 it is damaged: the checksum of this chunk is wrong");
  bad = good;
  bad[0] = 'X';
  CHECK(taken.read(bad).error().message == "it is no backup of Ringhold (its first bytes are not RINGHOLD)");
  bad = good;
  bad[8] = 9;
  CHECK(taken.read(bad).error().message ==
        "it has the format version 9, and this program reads versions 1 to 2");
  CHECK(taken.read(good.substr(0, 60)).error().message.find("cut off") != std::string::npos);
}

TEST_CASE("backup file: a chunk that is missing, doubled or out of its place is found, though it is sound") {
  const auto file_of = [](const std::vector<int>& order) {
    std::string file;
    ChunkWriter writer(file);
    std::vector<std::string> chunks(3);
    const std::size_t head = file.size();
    for (int i = 0; i < 3; ++i)
      writer.append(chunks[static_cast<std::size_t>(i)], ChunkKind::kEntries, std::to_string(i));
    file.resize(head);
    for (const int i : order) file += chunks[static_cast<std::size_t>(i)];
    auto reader = ChunkReader::open(memory_file(file));
    while (!reader->at_end()) {
      if (!reader->next().ok()) return false;
    }
    return true;
  };
  CHECK(file_of({0, 1, 2}));
  CHECK_FALSE(file_of({0, 2}));
  CHECK_FALSE(file_of({0, 0, 1, 2}));
  CHECK_FALSE(file_of({1, 0, 2}));
}

TEST_CASE("backup records: lengths that lie are refused before anything is reserved for them") {
  // An archive by hand: little-endian mark, one record, whose key claims to be 4 GB long.
  std::string body("\x01\x01\x00", 3);
  body += std::string(8, '\xff');  // no deadline
  body += std::string(4, '\0');    // idle
  body += "\xff\xff\xff\xff";      // key
  CHECK(decode_backup_entries(body).error().message.find("beyond the end") != std::string::npos);
  body.replace(15, 4, std::string(4, '\0'));
  body += "\xff\xff\xff\x7f";  // items
  CHECK(decode_backup_entries(body).error().message.find("more items are announced than fit") !=
        std::string::npos);
  CHECK_FALSE(decode_backup_entries("").ok());
  CHECK_FALSE(decode_backup_entries(std::string("\x01\x02", 2)).ok());
}

}  // namespace ringhold
