// UpstreamRequest: one command on its way to one shard and back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/byte_buffer.h"
#include "common/base/ids.h"
#include "common/command/command_table.h"
#include "common/reactor/clock.h"
#include "common/resp/reply_writer.h"

namespace ringhold {

class ClientChannel;
class ShardUpstream;

// Receives a reply, exactly once for each command that was submitted, unless it was cancelled, then never.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  // `reply` is one complete RESP reply; `arguments` are the command's, as encode_arguments() wrote them, or
  // empty if it was too large to be kept until now. Both are valid during the call only.
  virtual void on_reply(std::uint64_t tag, std::string_view reply, std::string_view arguments) = 0;
};

// The arguments that a ReplySink was given: views into them.
std::vector<std::string_view> sink_arguments(std::string_view arguments);

// Owned by its Router, which reuses it; in the hands of its ClientChannel until it is done.
struct UpstreamRequest {
  enum class State : std::uint8_t {
    kFree,
    kRouting,   // on its way to a link within this very call
    kHeld,      // behind an earlier command of the same client, in its channel
    kParked,    // waits for its shard's link, or for a topology
    kInFlight,  // written to a link, not answered yet
    kRetry,     // was not executed; will be sent again when the client's other commands are settled
  };

  std::uint64_t id = 0;  // unique within the router; changes with each reuse
  State state = State::kFree;
  std::uint64_t client = 0;       // whose it is, for the server
  std::uint32_t lane = 0;         // the client's link, in every pool
  std::uint64_t link_number = 0;  // while in flight: its number on the link
  const CommandRow* row = nullptr;
  RespVersion resp = RespVersion::k2;
  Role role = Role::kClient;
  // Where to: the owner of `slot`; or, for one part of a scattered command, the shard of this name.
  Slot slot;
  std::string shard;
  bool many_slots = false;            // has keys of other slots too
  ShardUpstream* upstream = nullptr;  // that has it, while parked or in flight
  ByteBuffer arguments;               // encode_arguments
  MonoTime deadline{};
  MonoTime sent_at{};                // when it was written to a link, last
  ClientChannel* channel = nullptr;  // null: the client is gone, the reply is dropped
  ReplySink* sink = nullptr;
  std::uint64_t tag = 0;
  std::uint64_t order = 0;              // within the channel
  UpstreamRequest* previous = nullptr;  // of the same channel
  UpstreamRequest* next = nullptr;
  int retries = 0;
};

}  // namespace ringhold
