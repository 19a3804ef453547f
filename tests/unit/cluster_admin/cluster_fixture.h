// Three shards of one, two and one replicas, whose slots are three runs and a few strays.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/admin/cluster_commands.h"
#include "cluster/admin/cluster_view.h"
#include "common/command/command_table.h"
#include "common/resp/reply_parser.h"

namespace ringhold {

inline Id128 id_of(std::uint8_t byte) {
  Id128 id;
  id.bytes.fill(byte);
  return id;
}

struct ClusterFixture {
  ClusterFixture() {
    topology.cluster = id_of(0xCC);
    topology.version = {.generation = 1, .epoch = Epoch{7}};
    topology.authority = "a";
    topology.shards = {
        {.name = "a", .id = id_of(0xA1), .replicas = {{"127.0.0.1", 9501}}},
        {.name = "b", .id = id_of(0xB2), .replicas = {{"127.0.0.1", 9502}, {"127.0.0.1", 9512}}},
        {.name = "c", .id = id_of(0xC3), .replicas = {{"node-c", 9503}}},
    };
    for (std::uint32_t slot = 0; slot < kSlotCount; ++slot) {
      topology.slots[slot] = static_cast<std::uint16_t>(slot / 5462);
    }
    topology.slots[0] = 2;    // one slot alone
    topology.slots[100] = 1;  // and one that splits a run
  }

  std::string run(std::vector<std::string_view> words, RespVersion version = RespVersion::k2) {
    const CommandLookup found = find_command(words);
    REQUIRE_MESSAGE(found.row != nullptr, found.error);
    ByteBuffer out;
    ReplyWriter reply(out, version);
    ClusterCommandContext context{.row = *found.row,
                                  .args = words,
                                  .reply = reply,
                                  .topology = has_topology ? &topology : nullptr,
                                  .is_proxy = is_proxy,
                                  .self = self};
    context.cache = cache;
    if (has_store) {
      context.count_keys_in_slot = [](Slot slot) { return std::uint64_t{slot.value} + 1; };
      context.keys_in_slot = [](Slot, std::size_t count_max) {
        std::vector<std::string> keys{"x", "y", "z"};
        if (keys.size() > count_max) keys.resize(count_max);
        return keys;
      };
    }
    execute_cluster_command(context);
    std::string bytes(out.view());
    ReplyParser parser;
    REQUIRE(parser.next(bytes) == ReplyParser::Status::kReply);
    REQUIRE(parser.consumed() == bytes.size());
    return bytes;
  }

  ReplyValue reply(std::vector<std::string_view> words, RespVersion version = RespVersion::k2) {
    return decode_reply(run(std::move(words), version)).value();
  }

  Topology topology;
  bool has_topology = true;
  bool has_store = true;
  bool is_proxy = false;
  Address self{"127.0.0.1", 9502};
  ClusterReplyCache* cache = nullptr;
};

}  // namespace ringhold
