// The one description of every command: server, proxy, client, COMMAND replies and docs read the same row.
//
// A row is chosen by name and number of arguments, so that Ringhold's short forms (`SET key value 60`,
// `TTL key 60`, `SIZE`) are rows of their own, which name the full command that they are rewritten to.
// Unknown means write: code that asks "is it a read?" gets false unless the row says so.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/command/command_id.h"

namespace ringhold {

// Who answers a command, and how the proxy brings it there.
enum class Routing : std::uint8_t {
  kConnection,  // by whoever holds the client's connection (PING, HELLO, CLIENT, COMMAND); common/session
  kServer,      // by the process the client is connected to, about itself (INFO, CONFIG, SLOWLOG, CLUSTER)
  kKeys,        // by the shard that owns the slot of its keys, all in one slot
  kSplit,       // like kKeys, but its keys may be of several slots: split by shard and gathered
  kScatter,     // by every shard, and merged (DBSIZE, KEYS, FLUSHALL, SCAN, RANDOMKEY)
};

// How the replies to a split or scattered command become one.
enum class Gather : std::uint8_t {
  kNone,
  kInOrder,  // one element per key, put back into the order of the keys (MGET)
  kSum,      // integers added (DEL, EXISTS, UNLINK, TOUCH, DBSIZE)
  kAllOk,    // +OK if all say so, else the first error (MSET, FLUSHALL)
  kConcat,   // arrays concatenated (KEYS)
  kScan,     // the cursor decides what is asked (SCAN)
  kRandom,   // one of the answers, weighted by the shards' sizes (RANDOMKEY)
};

// Redis's command flags, as COMMAND INFO shows them; those from kRandomOutput on are shown elsewhere, or not
// at all.
enum CommandFlag : std::uint32_t {
  kWrite = 1U << 0U,
  kReadOnly = 1U << 1U,
  kDenyOom = 1U << 2U,  // refused when memory is at the bound and nothing may be evicted
  kAdminFlag = 1U << 3U,
  kNoAuth = 1U << 4U,  // allowed before AUTH
  kFast = 1U << 5U,
  kLoading = 1U << 6U,
  kStale = 1U << 7U,
  kNoMulti = 1U << 8U,
  kMovableKeys = 1U << 9U,
  kBlocking = 1U << 10U,
  kPubSub = 1U << 11U,
  kSkipSlowlog = 1U << 12U,
  kNoScript = 1U << 13U,
  kNoAsyncLoading = 1U << 14U,
  kAllowBusy = 1U << 15U,

  kRandomOutput = 1U << 16U,  // a tip: the same call may give another reply
  kRandomOrder = 1U << 17U,   // a tip: the elements of the reply come in no particular order
  kDangerous = 1U << 18U,     // an ACL category: costly or destructive, though not for administrators alone
};

// What a command does to a key: one of RO, RW, OW, RM, and how (Redis's key specifications).
enum KeyFlag : std::uint16_t {
  kKeyRo = 1U << 0U,
  kKeyRw = 1U << 1U,
  kKeyOw = 1U << 2U,
  kKeyRm = 1U << 3U,
  kKeyAccess = 1U << 4U,
  kKeyUpdate = 1U << 5U,
  kKeyInsert = 1U << 6U,
  kKeyDelete = 1U << 7U,
  kKeyVariableFlags = 1U << 8U,
};

// Where the keys stand. first = 0: none. last < 0 counts from the end (-1 is the last argument).
struct KeySpec {
  std::int16_t first = 0;
  std::int16_t last = 0;
  std::int16_t step = 0;
  // If > 0: args[numkeys_at] says how many keys follow it (LMPOP, ZUNION, ...).
  std::int16_t numkeys_at = 0;
  std::uint16_t flags = 0;  // KeyFlag
  // Of all keys behind the first one, where they are used otherwise (RENAME, SUNIONSTORE, ZUNIONSTORE).
  std::uint16_t second_flags = 0;
  // If not 0: the argument behind the word STORE is a key, too (SORT).
  std::uint16_t store_flags = 0;
  // There may be patterns that lead to further keys, which nobody knows beforehand (SORT).
  bool patterns = false;
};

struct CommandRow {
  std::string_view name;  // lower case; "config|get" for a subcommand
  CommandId id = CommandId::kCount;
  // Redis's: positive = exactly, negative = at least; counts the name (and subcommand).
  std::int16_t arity = 0;
  std::uint32_t flags = 0;  // CommandFlag
  KeySpec keys;
  Routing routing = Routing::kServer;
  Gather gather = Gather::kNone;
  Role role = Role::kClient;  // the least role that may use it
  // A short form that shares its arity with the full command: counts only if this argument is a bare number.
  std::uint8_t number_at = 0;
  std::string_view group;    // "string", "generic", "connection", "server", "cluster", ...
  std::string_view since;    // Redis version, or "ringhold 0.1.0" for our own
  std::string_view syntax;   // for HELP and hints, in the grammar of syntax.h: "key value [NX | XX] [GET]"
  std::string_view summary;  // one line
  std::string_view complexity;
  std::string_view deprecated_since;
  std::string_view replaced_by;
  std::string_view rewrite;  // short forms: "SET $1 $2 EX $3"; empty for full commands

  bool is_write() const { return (flags & kReadOnly) == 0 && (flags & kWrite) != 0; }
  bool is_read_only() const { return (flags & kReadOnly) != 0; }
  bool is_short_form() const { return !rewrite.empty(); }
  bool is_subcommand() const { return name.find('|') != std::string_view::npos; }
  bool has(CommandFlag flag) const { return (flags & flag) != 0; }
  // Keys that come in groups to the end (MSET key value ...) must come in whole groups.
  bool arity_ok(std::size_t args) const {
    const bool fits =
        arity >= 0 ? args == static_cast<std::size_t>(arity) : args >= static_cast<std::size_t>(-arity);
    return fits && (keys.step <= 1 ||
                    (args - static_cast<std::size_t>(keys.first)) % static_cast<std::size_t>(keys.step) == 0);
  }
};

// All rows; containers ("config") come before their subcommands ("config|get").
std::span<const CommandRow> command_rows();
const CommandRow& command_row(CommandId id);
// The rows of a container's subcommands; empty for every other row.
std::span<const CommandRow> subcommands_of(const CommandRow& row);

// The outcome of looking a request up.
struct CommandLookup {
  const CommandRow* row = nullptr;  // null: refuse with `error`
  std::string error;  // Redis's text: unknown command, unknown subcommand, wrong number of arguments
  const CommandRow* rejected = nullptr;  // of the latter: whose number of arguments it was
};

// Chooses the row for a request (args is not empty). Never slower than a hash look-up for known commands, no
// allocation on success. Takes a row by name and arity, short forms included; a container's subcommand where
// there is one.
CommandLookup find_command(std::span<const std::string_view> args);

// By full name ("config|get", any case) without regard to arity; null if there is none.
const CommandRow* find_row(std::string_view name);

// For a short form (row.rewrite not empty): the arguments of the full command, views into `args` and the row;
// look its row up with find_command. Precondition: the row was chosen by find_command for `args`.
void rewrite_short_form(const CommandRow& row, std::span<const std::string_view> args,
                        std::vector<std::string_view>& rewritten);

// The positions of the keys in `args`, ascending. An error where numkeys makes no sense (Redis's text).
// Clears `positions` first; reuses its memory.
Result<void> key_positions(const CommandRow& row, std::span<const std::string_view> args,
                           std::vector<std::uint32_t>& positions);

}  // namespace ringhold
