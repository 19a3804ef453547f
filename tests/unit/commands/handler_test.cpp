// What all handlers have in common. What each of them answers is in tests/golden/commands.
#include "dataserver/commands/handler.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "common/base/slot.h"
#include "common/base/text.h"
#include "common/command/command_table.h"
#include "common/resp/reply_parser.h"
#include "dataserver/store/store.h"

namespace ringhold {
namespace {

constexpr UnixMs kNow = 1700000000000;

std::string run(Store& store, const std::vector<std::string>& words, RespVersion version = RespVersion::k2,
                UnixMs now = kNow) {
  const std::vector<std::string_view> args(words.begin(), words.end());
  const CommandLookup found = find_command(args);
  ByteBuffer out;
  ReplyWriter reply(out, version);
  if (found.row == nullptr) {
    reply.error(found.error);
    return std::string(out.view());
  }
  const Handler handler = store_handler(found.row->id);
  REQUIRE(static_cast<bool>(handler));
  CommandContext context{args, reply, store, now, 1};
  handler(context);
  return std::string(out.view());
}

bool is_store_command(const CommandRow& row) {
  return row.rewrite.empty() && (row.routing == Routing::kKeys || row.routing == Routing::kSplit ||
                                 row.routing == Routing::kScatter);
}

TEST_CASE("handlers: exactly the commands that the table routes to shards have one") {
  for (const CommandRow& row : command_rows()) {
    CAPTURE(row.name);
    CHECK(static_cast<bool>(store_handler(row.id)) == is_store_command(row));
  }
}

// Whatever the arguments, a handler writes one well-formed reply, and the books balance.
TEST_CASE("handlers: one reply to any arguments") {
  const std::vector<std::string> words = {"a",
                                          "b",
                                          "{t}c",
                                          "",
                                          "0",
                                          "1",
                                          "-1",
                                          "10",
                                          "9223372036854775807",
                                          "abc",
                                          "1.5",
                                          "*",
                                          "a*",
                                          "nx",
                                          "xx",
                                          "gt",
                                          "lt",
                                          "get",
                                          "ex",
                                          "px",
                                          "db",
                                          "exat",
                                          "keepttl",
                                          "match",
                                          "count",
                                          "type",
                                          "replace",
                                          "idx",
                                          "len",
                                          "minmatchlen",
                                          "withmatchlen",
                                          "async",
                                          "persist",
                                          "samples",
                                          "100",
                                          std::string(3000, 'x')};
  Store store({});
  std::uint64_t random = 1;
  const auto below = [&random](std::uint64_t bound) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    return (random >> 33U) % bound;
  };
  UnixMs now = kNow;
  for (const CommandRow& row : command_rows()) {
    if (!is_store_command(row)) continue;
    CAPTURE(row.name);
    const std::string name(row.name);
    std::vector<std::string> start = {name.substr(0, name.find('|'))};
    if (name.find('|') != std::string::npos) start.push_back(name.substr(name.find('|') + 1));
    for (int i = 0; i < 400; ++i) {
      std::vector<std::string> args = start;
      const auto least = static_cast<std::size_t>(row.arity < 0 ? -row.arity : row.arity);
      while (args.size() < least) args.push_back(words[below(words.size())]);
      if (row.arity < 0) {
        for (std::uint64_t more = below(6); more > 0; --more) args.push_back(words[below(words.size())]);
      }
      const auto version = below(2) == 0 ? RespVersion::k2 : RespVersion::k3;
      // The row may be another one by its arity (short forms); those are not the store's business.
      const std::vector<std::string_view> views(args.begin(), args.end());
      if (find_command(views).row != &row) continue;
      const std::string reply = run(store, args, version, now);
      ReplyParser parser;
      REQUIRE(parser.next(reply) == ReplyParser::Status::kReply);
      CHECK(parser.consumed() == reply.size());
      now += static_cast<UnixMs>(below(3));
    }
  }
  CHECK(store.recount_bytes() == store.used_bytes());
}

TEST_CASE("SCAN: pages of several shards, merged by the smallest cursor, are all keys once") {
  // Two shards that own the lower and the upper slots, in turns of 100 slots, as after resizes.
  Store shards[2] = {Store({.seed = 3}), Store({.seed = 3})};
  const auto owner = [](Slot slot) { return slot.value / 100 % 2; };
  std::set<std::string> all;
  for (int i = 0; i < 1000; ++i) {
    const std::string key = "key:" + std::to_string(i);
    all.insert(key);
    run(shards[owner(slot_of(key))], {"SET", key, "v"});
  }
  std::multiset<std::string> seen;
  std::uint64_t cursor = 0;
  do {
    std::uint64_t next = 0;
    std::vector<std::string> page;
    for (Store& shard : shards) {
      const auto reply = decode_reply(run(shard, {"SCAN", std::to_string(cursor), "COUNT", "10"})).value();
      const std::uint64_t here = parse_uint64(reply.elements[0].text).value();
      if (here != 0 && (next == 0 || here < next)) next = here;
      for (const auto& key : reply.elements[1].elements) page.push_back(key.text);
    }
    const auto end = ScanPosition::from_cursor(next);
    for (const std::string& key : page) {
      // A key of the slot in which the cursor stands is its owner's, who gave it below the cursor.
      if (next == 0 || slot_of(key).value <= end.slot) seen.insert(key);
    }
    cursor = next;
  } while (cursor != 0);
  CHECK(seen == std::multiset<std::string>(all.begin(), all.end()));
}

}  // namespace
}  // namespace ringhold
