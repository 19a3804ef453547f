// One name per row of the command table, in the table's order: command_rows()[id] is the row of `id`.
//
// Values are not stable between versions: nothing that is written to a disk or to a peer holds one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ringhold {

enum class CommandId : std::uint16_t {
  // connection (rows_connection.h)
  kPing,
  kEcho,
  kHello,
  kAuth,
  kQuit,
  kReset,
  kSelect,
  kClient,
  kClientGetname,
  kClientHelp,
  kClientId,
  kClientInfo,
  kClientKill,
  kClientList,
  kClientNoEvict,
  kClientNoTouch,
  kClientReply,
  kClientSetinfo,
  kClientSetname,

  // keys of any type (rows_generic.h)
  kCopy,
  kDel,
  kExists,
  kExpire,
  kExpireat,
  kExpiretime,
  kKeys,
  kObject,
  kObjectEncoding,
  kObjectFreq,
  kObjectHelp,
  kObjectIdletime,
  kObjectRefcount,
  kPersist,
  kPexpire,
  kPexpireat,
  kPexpiretime,
  kPttl,
  kRandomkey,
  kRename,
  kRenamenx,
  kScan,
  kTouch,
  kTtl,
  kType,
  kUnlink,

  // strings (rows_string.h)
  kAppend,
  kDecr,
  kDecrby,
  kGet,
  kGetdel,
  kGetex,
  kGetrange,
  kGetset,
  kIncr,
  kIncrby,
  kIncrbyfloat,
  kLcs,
  kMget,
  kMset,
  kMsetnx,
  kPsetex,
  kSet,
  kSetex,
  kSetnx,
  kSetrange,
  kStrlen,
  kSubstr,

  // the process (rows_server.h)
  kConfig,
  kConfigGet,
  kConfigHelp,
  kConfigResetstat,
  kConfigSet,
  kDbsize,
  kDebug,
  kDebugError,
  kDebugHelp,
  kDebugProtocol,
  kDebugSetActiveExpire,
  kDebugSleep,
  kFlushall,
  kFlushdb,
  kInfo,
  kLolwut,
  kMemory,
  kMemoryDoctor,
  kMemoryHelp,
  kMemoryStats,
  kMemoryUsage,
  kShutdown,
  kSlowlog,
  kSlowlogGet,
  kSlowlogHelp,
  kSlowlogLen,
  kSlowlogReset,
  kTime,

  // the command table itself (rows_introspection.h)
  kCommand,
  kCommandCount,
  kCommandDocs,
  kCommandGetkeys,
  kCommandGetkeysandflags,
  kCommandHelp,
  kCommandInfo,
  kCommandList,
  kHelp,

  // Redis Cluster's protocol (rows_cluster.h)
  kAsking,
  kCluster,
  kClusterCountkeysinslot,
  kClusterGetkeysinslot,
  kClusterHelp,
  kClusterInfo,
  kClusterKeyslot,
  kClusterMyid,
  kClusterNodes,
  kClusterShards,
  kClusterSlots,
  kClusterStatus,
  kReadonly,
  kReadwrite,

  // Ringhold's short forms, rewritten to full commands before routing (rows_short.h)
  kKeysAll,     // KEYS
  kRemove,      // REMOVE key
  kSetSeconds,  // SET key value seconds
  kSize,        // SIZE
  kTtlSet,      // TTL key seconds

  kCount,
};

inline constexpr std::size_t kCommandCount = static_cast<std::size_t>(CommandId::kCount);

}  // namespace ringhold
