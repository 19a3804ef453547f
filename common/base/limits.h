// Every limit of Ringhold, with why it has its value. Nothing that grows with what others send may lack one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ringhold::limits {

inline constexpr std::size_t kKiB = 1024;
inline constexpr std::size_t kMiB = 1024 * kKiB;
inline constexpr std::size_t kGiB = 1024 * kMiB;

// --- RESP requests ---
// Redis's proto-max-bulk-len; a longer argument is a protocol error before its bytes are read.
inline constexpr std::size_t kBulkBytesMax = 512 * kMiB;
// Redis takes 1M arguments; a pipelining client that sends more in one command is broken.
inline constexpr std::size_t kArgumentsMax = 1024 * 1024;
// Redis's PROTO_INLINE_MAX_SIZE: an inline command, or any header line, longer than this is an error.
inline constexpr std::size_t kInlineBytesMax = 64 * kKiB;
// A whole command: one value of the greatest size plus a generous key and options.
inline constexpr std::size_t kRequestBytesMax = 640 * kMiB;
// Before a client has authenticated it may send little: enough for AUTH and HELLO (as in Redis 7).
inline constexpr std::size_t kUnauthenticatedArgumentsMax = 10;
inline constexpr std::size_t kUnauthenticatedBulkBytesMax = 16 * kKiB;

// --- RESP replies, as read by the client and the proxy ---
inline constexpr std::size_t kReplyDepthMax = 32;
inline constexpr std::size_t kReplyElementsMax = 256 * 1024 * 1024;

// --- Streams ---
// What one socket read takes at most: large enough that a pipeline of 16 small commands of 50 clients costs
// one read each, small enough to stay in the second-level cache.
inline constexpr std::size_t kReadChunkBytes = 64 * kKiB;
// A session stops reading commands while this much of its output has not left; a single reply may be larger.
inline constexpr std::size_t kOutputHighBytes = 256 * kKiB;
// ... and goes on when it has fallen to this.
inline constexpr std::size_t kOutputLowBytes = 64 * kKiB;
// All input and output buffers of one process together. When they exceed it, the connections with the
// largest buffers are closed, with a log line that names them.
inline constexpr std::size_t kBufferBytesTotal = 2 * kGiB;
inline constexpr auto kHandshakeTimeout = std::chrono::seconds(10);
inline constexpr auto kConnectTimeout = std::chrono::seconds(2);
// A closing stream whose peer does not read is cut off after this long.
inline constexpr auto kCloseTimeout = std::chrono::seconds(5);

// --- Connections ---
inline constexpr std::uint32_t kConnectionsMax = 20000;           // --connections-max
inline constexpr std::uint32_t kConnectionsPerAddressMax = 20000; // --connections-per-address-max
inline constexpr int kListenBacklog = 511;

// --- Sessions (one client connection) ---
// Commands of one client that may be waiting for replies; then its stream is not read.
inline constexpr std::size_t kInFlightCommandsMax = 1024;
inline constexpr std::size_t kInFlightBytesMax = 8 * kMiB;  // unless a single command is larger

// --- Peer protocol ---
// A frame carries one value of the greatest size and its key.
inline constexpr std::size_t kFrameBytesMax = kRequestBytesMax + kMiB;
// Unsent and unanswered requests to one data server, per pool; then requests fail at once.
inline constexpr std::size_t kUpstreamQueueBytesMax = 64 * kMiB;
inline constexpr std::size_t kUpstreamQueueRequestsMax = 256 * 1024;
inline constexpr auto kReconnectDelayMin = std::chrono::milliseconds(50);
// "Used again within 1 s of its return": the longest pause between two attempts.
inline constexpr auto kReconnectDelayMax = std::chrono::milliseconds(400);
inline constexpr auto kPingInterval = std::chrono::milliseconds(500);
// How often one command may be sent again because its slot had moved or its connection broke.
inline constexpr int kRetriesMax = 8;
// A reply of a scattered command, gathered from all shards.
inline constexpr std::size_t kGatherBytesMax = 512 * kMiB;

// --- Topology ---
inline constexpr std::size_t kShardsMax = 1024;
inline constexpr std::size_t kReplicasMax = 7;
inline constexpr std::size_t kShardNameBytesMax = 128;
inline constexpr std::size_t kServersFileBytesMax = 4 * kMiB;
inline constexpr std::uint32_t kRingPointsPerUnit = 160;
inline constexpr std::uint32_t kRingPointsMax = 16000;
inline constexpr std::uint32_t kWeightMax = 1000000;
inline constexpr std::size_t kTopologyBytesMax = 8 * kMiB;
// Editors write in several steps; a file is read once it has been quiet for this long.
inline constexpr auto kFileDebounce = std::chrono::milliseconds(100);

// --- Store ---
inline constexpr std::size_t kKeyBytesMax = 512 * kMiB;     // as in Redis
inline constexpr std::size_t kValueBytesMax = 512 * kMiB;   // default of --value-bytes-max
// Active expiry: at most this much CPU in one slice, and this pause between slices while there is more to do.
inline constexpr auto kExpirySliceBudget = std::chrono::microseconds(1000);
inline constexpr auto kExpiryInterval = std::chrono::milliseconds(100);

// --- Server ---
inline constexpr std::size_t kSlowlogEntriesMax = 1024;
inline constexpr std::size_t kSlowlogArgumentsMax = 32;      // as in Redis
inline constexpr std::size_t kSlowlogArgumentBytesMax = 128; // as in Redis
inline constexpr std::size_t kPasswordFileBytesMax = kMiB;

}  // namespace ringhold::limits
