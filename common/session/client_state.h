// What a server or proxy knows about one client connection.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/ids.h"
#include "common/reactor/address.h"
#include "common/reactor/clock.h"
#include "common/resp/reply_writer.h"

namespace ringhold {

struct CommandRow;

enum class ReplyMode : std::uint8_t { kOn, kOff, kSkipNext, kSkipThis };  // CLIENT REPLY

struct ClientState {
  std::uint64_t id = 0;   // unique within the process, ascending
  Address address;        // of the client
  Address local_address;  // that it connected to
  std::string name;       // CLIENT SETNAME
  std::string lib_name;   // CLIENT SETINFO
  std::string lib_version;
  std::string user = "default";
  Role certificate_role = Role::kNone;  // what its certificate gives; RESET falls back to it
  Role role = Role::kNone;              // kNone: must authenticate first
  RespVersion version = RespVersion::k2;
  ReplyMode reply_mode = ReplyMode::kOn;
  bool no_evict = false;
  bool no_touch = false;
  bool knows_cluster = false;      // has sent CLUSTER, ASKING or READONLY: gets -MOVED instead of forwarding
  bool readonly = false;           // READONLY
  bool asking = false;             // ASKING, for the next command
  bool close_after_reply = false;  // QUIT, or killed
  MonoTime connected_at{};
  MonoTime last_active_at{};
  const CommandRow* last_command = nullptr;
  std::uint64_t commands = 0;
  // Filled in when somebody asks, for CLIENT LIST and INFO.
  std::size_t input_bytes = 0;
  std::size_t output_bytes = 0;
};

}  // namespace ringhold
