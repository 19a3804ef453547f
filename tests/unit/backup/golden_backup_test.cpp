// A backup that an earlier version wrote, byte for byte: every later version must read it.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "dataserver/backup/restore.h"
#include "dataserver/backup/value_items.h"
#include "tests/unit/backup/memory_disk.h"

namespace ringhold {
namespace {

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The items of each value, in brackets.
std::map<std::string, std::string> contents(const Store& store) {
  std::map<std::string, std::string> values;
  store.scan({}, store.size() + 1, [&values](const Entry& entry) {
    std::string text;
    visit_items(entry, [&text](std::string_view item) { text.append("[").append(item).append("]"); });
    values.emplace(entry.key(), text);
  });
  return values;
}

}  // namespace

TEST_CASE("golden backup: format version 1") {
  MemoryDisk disk;
  disk.files["dump.rh"] = bytes_of(GOLDEN_BACKUPS "/version-1.rh");
  REQUIRE(disk.files["dump.rh"].size() > 300000);
  Store store({});
  const auto summary = restore_backup(disk, "dump.rh", store, 1800000000000, {});
  REQUIRE_MESSAGE(summary.ok(), (summary ? "" : summary.error().message));
  CHECK(summary->header.software == "Ringhold 0.1.0");
  CHECK(summary->keys == 11);
  CHECK(store.size() == 11);
  auto values = contents(store);
  CHECK(values["text"] == std::string("[binary \0\xff\r\n]", 13));
  CHECK(values["number"] == "[-42]");
  CHECK(values["list"] == "[a][][17][last item]");
  CHECK(values["hash"] == "[field][value][n][7][][empty]");
  CHECK(values["integers"] == "[1][2][3][70000]");
  CHECK(values["set"].size() == std::string("[a][b][]").size());
  CHECK(values["zset"].starts_with("[b]"));  // packed: in its order
  CHECK(values["long"] == "[" + std::string(300000, 'x') + "]");
  CHECK(values["long list"].ends_with("[item 1499]"));
  const std::string expiring = "expiring";
  CHECK(store.find(store.hash(expiring), 1800000000000, Use::kLook).entry->deadline() == 4102444800000);
  CHECK(std::ranges::count(values["large hash"], '[') == 1200);
}

TEST_CASE("restore: errors name the file and say what to do") {
  MemoryDisk disk;
  std::string bytes = bytes_of(GOLDEN_BACKUPS "/version-1.rh");
  bytes[1000] = static_cast<char>(bytes[1000] ^ 4);
  disk.files["dump.rh"] = bytes;
  Store store({});
  const auto summary = restore_backup(disk, "dump.rh", store, 1, {});
  REQUIRE_FALSE(summary.ok());
  const std::string& text = summary.error().message;
  for (const char* part : {"dump.rh cannot be used", "at byte ", "dump.rh.previous", "move it away"}) {
    CHECK_MESSAGE(text.find(part) != std::string::npos, text);
  }
  CHECK_FALSE(check_backup(disk, "dump.rh", {}).ok());
  CHECK_FALSE(check_backup(disk, "missing.rh", {}).ok());
}

}  // namespace ringhold
