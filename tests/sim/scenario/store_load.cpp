#include "tests/sim/scenario/store_load.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/text.h"
#include "common/command/command_table.h"
#include "dataserver/backup/value_items.h"
#include "dataserver/commands/handler.h"

namespace ringhold::sim {

std::string StoreLoad::key() {
  const auto number = rng_.below(keys_);
  // Some share a slot.
  return number % 3 == 0 ? fmt::format("{{tag}}{}", number) : fmt::format("key:{}", number);
}

std::string StoreLoad::value() {
  switch (rng_.below(4)) {
    case 0:
      return std::to_string(rng_.below(100000));
    case 1:
      return std::string(rng_.below(200), static_cast<char>('a' + rng_.below(26)));
    default:
      return fmt::format("v{}", rng_.below(1000));
  }
}

// Values that a backup writes in parts: above limits::kBackupPartBytes.
std::vector<std::string> StoreLoad::large_value() {
  const std::string k = "large:" + std::to_string(rng_.below(3));
  constexpr std::size_t kItemBytes = 3000;
  std::vector<std::string> words;
  switch (rng_.below(5)) {
    case 0:
      return {"SETRANGE", k, "400000", value()};
    case 1:
      words = {"RPUSH", k};
      break;
    case 2:
      words = {"SADD", k};
      break;
    case 3:
      words = {"ZADD", k};
      break;
    default:
      words = {"HSET", k};
      break;
  }
  const bool scores = words[0] == "ZADD";
  const bool fields = words[0] == "HSET";
  for (int i = 0; i < 120; ++i) {
    if (scores) words.push_back(std::to_string(rng_.below(100)));
    if (fields) words.push_back(fmt::format("field{}", i));
    words.push_back(fmt::format("{}", rng_.below(1000)) + std::string(kItemBytes, 'x'));
  }
  return words;
}

std::vector<std::string> StoreLoad::random_command(UnixMs now) {
  if (rng_.one_in(400)) return large_value();
  if (rng_.one_in(200)) return {"DEL", "large:" + std::to_string(rng_.below(3))};
  const std::string k = rng_.one_in(40) ? "large:" + std::to_string(rng_.below(3)) : key();
  switch (rng_.below(26)) {
    case 0:
      return {"SET", k, value()};
    case 1:
      return {"SET", k, value(), "PX", std::to_string(1 + rng_.below(20000))};
    case 2:
      return {"APPEND", k, value()};
    case 3:
      return {"INCRBY", k, "7"};
    case 4:
      return {"SETRANGE", k, std::to_string(rng_.below(3000)), value()};
    case 5:
      return {"DEL", k};
    case 6:
      return {"PEXPIREAT", k, std::to_string(now + static_cast<UnixMs>(rng_.below(20000)))};
    case 7:
      return {"PERSIST", k};
    case 8:
      return {"RENAME", k, key()};
    case 9:
      return {"COPY", k, key(), "REPLACE"};
    case 10:
    case 11:
      return {"RPUSH", k, value(), value(), value()};
    case 12:
      return {"LPUSH", k, value()};
    case 13:
      return {"LPOP", k, "2"};
    case 14:
      return {"LSET", k, "1", value()};
    case 15:
    case 16:
      return {"HSET", k, value(), value(), value(), value()};
    case 17:
      return {"HDEL", k, value()};
    case 18:
      return {"HINCRBY", k, "n", "3"};
    case 19:
    case 20:
      return {"SADD", k, value(), value()};
    case 21:
      return {"SREM", k, value()};
    case 22:
      return {"SPOP", k};
    case 23:
    case 24:
      return {"ZADD", k, std::to_string(rng_.below(50)), value(), "1.5", value()};
    default:
      return {"ZREM", k, value()};
  }
}

void StoreLoad::run(Store& store, UnixMs now, const std::vector<std::string>& words) {
  const std::vector<std::string_view> args(words.begin(), words.end());
  const CommandLookup found = find_command(args);
  INVARIANT(found.row != nullptr);
  ByteBuffer out;
  ReplyWriter reply(out, RespVersion::k2);
  CommandContext context{args, reply, store, now, rng_.next()};
  store_handler(found.row->id)(context);
}

void StoreLoad::step(Store& store, UnixMs now) {
  run(store, now, random_command(now));
}

StoreContents contents_of(const Store& store, UnixMs now) {
  StoreContents contents;
  store.scan({}, store.size() + 1, [&](const Entry& entry) {
    if (entry.is_due(now)) return;
    std::vector<std::string> items;
    visit_items(entry, [&items](std::string_view item) { items.emplace_back(item); });
    const bool pairs = entry.type() == ValueType::kHash || entry.type() == ValueType::kZset;
    if (pairs) {
      std::vector<std::string> joined;
      for (std::size_t i = 0; i < items.size(); i += 2) joined.push_back(items[i] + "=" + items[i + 1]);
      items = std::move(joined);
    }
    if (pairs || entry.type() == ValueType::kSet) std::sort(items.begin(), items.end());
    std::string text = fmt::format("type {}, deadline {}:", static_cast<int>(entry.type()), entry.deadline());
    for (const std::string& item : items) text += " " + printable(item, 300);
    contents.emplace(entry.key(), std::move(text));
  });
  return contents;
}

std::string difference(const StoreContents& expected, const StoreContents& actual) {
  for (const auto& [key, text] : expected) {
    const auto found = actual.find(key);
    if (found == actual.end()) return fmt::format("'{}' is missing; it was {}", key, text);
    if (found->second != text) return fmt::format("'{}' was {}, and is {}", key, text, found->second);
  }
  for (const auto& [key, text] : actual) {
    if (!expected.contains(key)) return fmt::format("'{}' should not be there: {}", key, text);
  }
  return {};
}

}  // namespace ringhold::sim
