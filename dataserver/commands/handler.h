// How a command meets the store.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "common/base/ids.h"
#include "common/command/command_id.h"
#include "common/resp/reply_source.h"
#include "common/resp/reply_writer.h"

namespace ringhold {

class BytesOwner;
class Store;

// What a command that works on keys can see. It must be a function of this alone: the same entry is applied
// by every replica, later.
struct CommandContext {
  std::span<const std::string_view> args;  // full form (short forms were rewritten); arity is right
  ReplyWriter& reply;                      // exactly one reply is written, unless slow_reply is set
  Store& store;
  UnixMs now;          // the shard's log time: "now" for deadlines
  std::uint64_t seed;  // for random picks
  // There is a topology, by which other keys may be elsewhere: SORT must not look for them.
  bool clustered = false;
  // The arguments' memory, where it may be handed on; may be null.
  BytesOwner* owner = nullptr;
  // Whether slow_reply may be set: a reply that the caller writes later.
  bool may_reply_slowly = false;
  std::unique_ptr<ReplySource> slow_reply = nullptr;
};

using Handler = void (*)(CommandContext&);

// The handler of a command on keys (or on the whole keyspace: DBSIZE, KEYS, SCAN, FLUSHALL, RANDOMKEY); null
// for other commands.
Handler store_handler(CommandId id);

}  // namespace ringhold
