// Every limit of Ringhold, with why it has its value. Nothing that grows with what others send may lack one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ringhold::limits {

inline constexpr std::size_t kKiB = 1024;
inline constexpr std::size_t kMiB = 1024 * kKiB;
inline constexpr std::size_t kGiB = 1024 * kMiB;

// From this size on, memory for a run of bytes (a buffer, a string value) is taken as pages, which grow
// without being copied and are freed in slices: see common/base/large_bytes.h. Copying less takes about 1 ms.
inline constexpr std::size_t kLargeBytesMin = 4 * kMiB;

// --- RESP requests ---
// Redis's proto-max-bulk-len; a longer argument is a protocol error before its bytes are read.
inline constexpr std::size_t kBulkBytesMax = 512 * kMiB;
// Redis takes 1M arguments; a pipelining client that sends more in one command is broken.
inline constexpr std::size_t kArgumentsMax = 1024 * kKiB;
// Redis's PROTO_INLINE_MAX_SIZE: an inline command, or any header line, longer than this is an error.
inline constexpr std::size_t kInlineBytesMax = 64 * kKiB;
// A whole command: one value of the greatest size plus a generous key and options.
inline constexpr std::size_t kRequestBytesMax = 640 * kMiB;
// Before a client has authenticated it may send little: enough for AUTH and HELLO (as in Redis 7).
inline constexpr std::size_t kUnauthenticatedArgumentsMax = 10;
inline constexpr std::size_t kUnauthenticatedBulkBytesMax = 16 * kKiB;

// --- RESP replies, as read by the client and the proxy ---
inline constexpr std::size_t kReplyDepthMax = 32;
// A simple string or an error; an error may quote what it refuses.
inline constexpr std::size_t kReplyLineBytesMax = kMiB;
inline constexpr std::size_t kReplyElementsMax = 256 * kMiB;

// --- Streams ---
// What one socket read takes at most: large enough that a pipeline of 16 small commands of 50 clients costs
// one read each, small enough to stay in the second-level cache.
inline constexpr std::size_t kReadChunkBytes = 64 * kKiB;
// A session stops reading commands while this much of its output has not left; a single reply may be larger.
inline constexpr std::size_t kOutputHighBytes = 256 * kKiB;
// ... and goes on when it has fallen to this.
inline constexpr std::size_t kOutputLowBytes = 64 * kKiB;
// All input and output buffers of one process together, and replies that wait for an earlier one. When they
// exceed it, the connections that hold most are closed, with a log line that names them.
inline constexpr std::size_t kBufferBytesTotal = 2 * kGiB;
inline constexpr auto kHandshakeTimeout = std::chrono::seconds(10);
inline constexpr auto kConnectTimeout = std::chrono::seconds(2);
// A closing stream whose peer does not read is cut off after this long.
inline constexpr auto kCloseTimeout = std::chrono::seconds(5);

// After that, a closing stream waits this long for its peer's end of the connection: closing with bytes
// unread would reset it, and could destroy the last reply on its way.
inline constexpr auto kLingerTimeout = std::chrono::milliseconds(500);
// One TLS write and one system call carry at most this much of a larger output, so that a reply of 500 MB is
// never held twice.
inline constexpr std::size_t kWriteSliceBytes = 256 * kKiB;
// What one stream may read, and write, in one loop turn; then the others have theirs.
inline constexpr std::size_t kTurnBytesMax = kMiB;
// A turn that has lasted so long ends soon: who has more to do goes on in a later one (TurnShare).
inline constexpr auto kTurnTime = std::chrono::milliseconds(2);
// Over budget (kBufferBytesTotal), streams that hold less than this are left alone.
inline constexpr std::size_t kBufferedMuchBytes = kMiB;
// One request to the disk carries at most this much of a larger append: a file that is given up in the middle
// of one is closed soon, and the threads that work for the disk are shared.
inline constexpr std::size_t kFileWriteSliceBytes = 4 * kMiB;
// TLS sessions that one loop keeps in order to resume them: one per data server, with room.
inline constexpr std::size_t kTlsTicketsMax = 4096;
// Certificates are renewed in time if somebody says so in time.
inline constexpr auto kCertificateWarning = std::chrono::hours(30 * 24);

// --- Connections ---
inline constexpr std::uint32_t kConnectionsMax = 20000;            // --connections-max
inline constexpr std::uint32_t kConnectionsPerAddressMax = 20000;  // --connections-per-address-max
inline constexpr int kListenBacklog = 511;
// Descriptors kept free for files and for connections to data servers; accepting stops short of them.
inline constexpr int kReservedDescriptors = 64;

// SIGTERM: what is in flight is finished, but not for longer than this.
inline constexpr std::chrono::milliseconds kStopTimeout = std::chrono::seconds(10);
// ... and with a backup, which may be of many gigabytes: not for ever on a disk that hangs.
inline constexpr std::chrono::milliseconds kStopWithBackupTimeout = std::chrono::minutes(10);

// --- Sessions (one client connection) ---
// Commands of one client that may be waiting for replies; then its stream is not read.
inline constexpr std::size_t kInFlightCommandsMax = 1024;
inline constexpr std::size_t kInFlightBytesMax = 8 * kMiB;  // unless a single command is larger
// How large the replies of a new client are expected to be: its first burst is small until it is known
// better.
inline constexpr std::size_t kReplyBytesExpected = kMiB;

// --- The C++ client library ---
// A pipeline holds its commands, and then their replies, in the memory of the program: so many that the round
// trips no longer count (they are sent 1,024 at a time anyway), few enough to be noticed before the memory
// is.
inline constexpr std::size_t kPipelineCommandsMax = 100000;
inline constexpr std::size_t kPipelineBytesMax = 64 * kMiB;  // unless a single command is larger

// --- Peer protocol ---
// A frame carries one value of the greatest size and its key.
inline constexpr std::size_t kFrameBytesMax = kRequestBytesMax + kMiB;
// Unsent and unanswered requests to one data server, per pool; then requests fail at once.
inline constexpr std::size_t kUpstreamQueueBytesMax = 64 * kMiB;
inline constexpr std::size_t kUpstreamQueueRequestsMax = 256 * kKiB;
// Clients that share one link to a data server before the next link is used. Measured with 50 clients: all on
// one link costs the proxy and the servers a third less CPU than spread over ten, because their commands
// share writes and reads.
inline constexpr std::uint32_t kClientsPerLink = 64;
inline constexpr auto kReconnectDelayMin = std::chrono::milliseconds(50);
// "Used again within 1 s of its return": the longest pause between two attempts.
inline constexpr auto kReconnectDelayMax = std::chrono::milliseconds(400);
inline constexpr auto kPingInterval = std::chrono::milliseconds(500);
// A link on which nothing has been heard for so long, though it was pinged, is given up.
inline constexpr auto kPeerSilenceMax = std::chrono::seconds(5);
// A deadline does not cut off a large value that is on its way: one that is sent gets the time that this rate
// needs, and one that comes in gets this long after each sign of progress.
inline constexpr std::size_t kTransferBytesPerSecondMin = 16 * kMiB;
inline constexpr auto kTransferPatience = std::chrono::seconds(2);
// For so long a proxy keeps its link to a server that has left the cluster, to tell it so even if it is away
// for a moment.
inline constexpr auto kFarewellTime = std::chrono::seconds(3);
// After the end of a whole cluster, a proxy waits for so long for the servers that have not come back, before
// it goes by what the others remember: one that is gone for good must not keep them from serving.
inline constexpr auto kRecallPatience = std::chrono::seconds(5);
// The authority of a cluster of caches that an edit removes, and that has been away for so long, is not asked
// any more.
inline constexpr auto kTakeoverAfter = std::chrono::seconds(3);
// How often one command may be sent again because its slot had moved or its connection broke: with a pause of
// kRetryPause before each, this lasts longer than the default deadline, which ends it first.
inline constexpr int kRetriesMax = 128;
inline constexpr auto kRetryPause = std::chrono::milliseconds(20);
// A reply of a scattered command, gathered from all shards.
inline constexpr std::size_t kGatherBytesMax = 512 * kMiB;

// --- Consensus ---
// A disk that has been writing the log for so long without an end is taken for one that does not work: its
// replica leads no longer.
inline constexpr auto kLogSilenceMax = std::chrono::seconds(1);

// --- Topology ---
inline constexpr std::size_t kShardsMax = 1024;
inline constexpr std::size_t kReplicasMax = 7;
inline constexpr std::size_t kShardNameBytesMax = 128;
inline constexpr std::size_t kServersFileBytesMax = 4 * kMiB;
// servers.json: its forms nest 4 deep, have 5 members at most, and 1,024 shards of 7 replicas make 11,000
// values. What has more is refused before it can cost much.
inline constexpr std::size_t kJsonDepthMax = 16;
inline constexpr std::size_t kJsonMembersMax = 64;
inline constexpr std::size_t kJsonValuesMax = 32768;
inline constexpr std::uint32_t kRingPointsPerUnit = 160;
inline constexpr std::uint32_t kRingPointsMax = 16000;
inline constexpr std::uint32_t kWeightMax = 1000000;
inline constexpr std::size_t kTopologyBytesMax = 8 * kMiB;
// Editors write in several steps; a file is read once it has been quiet for this long.
inline constexpr auto kFileDebounce = std::chrono::milliseconds(100);
// ... or once it has been changing for this long: somebody who writes all the time cannot postpone it for
// ever.
inline constexpr auto kFileDebounceMax = std::chrono::seconds(1);

// --- Between replicas ---
// One message with entries: an entry of the greatest size with room to raise that, or many small ones.
inline constexpr std::size_t kRaftFrameBytesMax = 16 * kMiB;
// Entries in one message. The core counts 64 bytes for each against 256 KiB, which makes 4,096.
inline constexpr std::size_t kRaftEntriesMax = 64 * kKiB;
// Heartbeats, votes and hellos have at most an address in them; nothing larger may stand in front of them.
inline constexpr std::size_t kRaftSmallFrameBytesMax = kKiB;
inline constexpr std::size_t kRaftAddressBytesMax = 512;
// Unsent bytes to one replica, beyond which messages to it are dropped. Entries: twice what the core lets be
// under way, so that its own bound is met first. The other channel carries 60 bytes 20 times a second: this
// is a minute of it.
inline constexpr std::size_t kRaftUnsentBytesMax = 8 * kMiB;
inline constexpr std::size_t kRaftSmallUnsentBytesMax = 64 * kKiB;
// A replica that has refused this one is asked again after so long: somebody has to change something first.
inline constexpr auto kRaftRefusedDelay = std::chrono::seconds(3);
// A link for small messages from which nothing is heard for so long is made anew: after a loss TCP waits
// twice as long before each attempt, and would go on long after the network does. (Links with entries wait
// for kPeerSilenceMax: an answer may be behind megabytes.)
inline constexpr auto kRaftSilenceMax = std::chrono::seconds(2);
// Incoming links of one process: two each from a full shard, from as many strangers, and their successors.
inline constexpr std::size_t kRaftIncomingMax = 64;
// Replicas that are in no list and said hello all the same: those that were just added, or just removed.
inline constexpr std::size_t kRaftStrangersMax = kReplicasMax + 1;
// Connections whose first frame has not come yet.
inline constexpr std::size_t kPeerUndecidedMax = 256;

// --- Large replies ---
// A reply of more than this to a command that reads a large value is written in pieces of
// kSlowReplyPieceBytes, as its client takes it.
inline constexpr std::size_t kSlowReplyBytesMin = kMiB;
inline constexpr std::size_t kSlowReplyPieceBytes = 64 * kKiB;

// --- HTTP ---
// A request line and its header fields: room for a key of 10 KB with every byte percent-encoded, and cookies.
inline constexpr std::size_t kHttpHeadBytesMax = 64 * kKiB;
// The first line of a chunk, with extensions that nobody reads, and the trailer behind the last one.
inline constexpr std::size_t kHttpChunkHeadBytesMax = 8 * kKiB;
// What a client may send ahead while its request is being answered; then its stream is not read.
inline constexpr std::size_t kHttpAheadBytesMax = 64 * kKiB;
// A body that nobody wants is read to its end if it is announced to be no longer; else the connection closes.
inline constexpr std::size_t kHttpSkippedBytesMax = 64 * kKiB;
// A request line and its header fields must have come within this time, and a body may not stand still for
// longer.
inline constexpr auto kHttpRequestTimeout = std::chrono::seconds(30);
// A connection without requests: longer than the scrape intervals and pools that are usual.
inline constexpr auto kHttpIdleTimeout = std::chrono::minutes(2);

// --- Store ---
inline constexpr std::size_t kValueBytesMax = 512 * kMiB;  // default of --value-bytes-max
// What a string can be made to hold by any setting of --value-bytes-max: sizes are kept in 32 bits, and a
// string that grows gets half as much again.
inline constexpr std::size_t kStringBytesMax = kGiB;
// Up to this size a value stands in one allocation with its key; beyond, a copy of its own wastes less.
inline constexpr std::size_t kInlineValueBytesMax = kKiB;
// A deleted value of at least this size is freed in a slice of its own time rather than by the command.
inline constexpr std::size_t kFreeLaterBytesMin = 64 * kKiB;
// SCAN looks at no more keys in one call, whatever COUNT says; the client just gets another cursor.
inline constexpr std::size_t kScanKeysMax = 100000;
// HRANDFIELD, SRANDMEMBER and ZRANDMEMBER with a negative count return that many members however few there
// are.
inline constexpr std::size_t kRandomPicksMax = 4 * kMiB;
// LCS: the table of intermediate lengths, four bytes for each pair of bytes. Redis's limit by default.
inline constexpr std::size_t kLcsTableBytesMax = 512 * kMiB;
// Active expiry looks at so many keys in one slice (about 0.2 ms), and pauses so long between slices while
// more are due; else it looks once per interval, which costs next to nothing when nothing is due.
inline constexpr std::size_t kExpirySliceKeys = 2000;
inline constexpr auto kExpiryPause = std::chrono::milliseconds(2);
inline constexpr auto kExpiryInterval = std::chrono::milliseconds(100);
// Dropped keys (FLUSHALL, slots that moved) are freed in slices of so many, about 0.2 ms and several in one
// turn, with a pause between turns.
inline constexpr std::size_t kFreeSliceEntries = 500;
inline constexpr int kFreeSlicesPerTurn = 8;
inline constexpr auto kFreeTimePerTurn = std::chrono::milliseconds(1);
inline constexpr auto kFreePause = std::chrono::milliseconds(1);
inline constexpr auto kFreeInterval = std::chrono::milliseconds(50);

// The most that CONFIG SET lets a packed collection have: it counts its items in 16 bits, two for each pair.
inline constexpr std::int64_t kPackedItemsMax = 16383;
// Eviction removes so many keys in one slice (about 2 ms), before a command or between two turns.
inline constexpr std::size_t kEvictKeysPerSlice = 2000;
// While memory is above its bound by more than this part of it, commands wait until eviction has caught up.
inline constexpr std::uint64_t kOverMemoryPart = 16;

// --- Backups ---
// A chunk of small keys: large enough that its head costs nothing, small enough to be a slice of work.
inline constexpr std::size_t kBackupChunkBytes = 16 * kKiB;
// So much goes to the disk at a time.
inline constexpr std::size_t kBackupAppendBytes = 128 * kKiB;
// A chunk holds one item at least, or a field with its value, whatever their size; its length has 32 bits.
inline constexpr std::size_t kBackupChunkBytesMax = 2 * kGiB;
// A reader takes no chunk of whole keys longer than this, and no part with more items: those written are far
// smaller.
inline constexpr std::size_t kBackupEntriesBytesMax = 16 * kMiB;
inline constexpr std::size_t kBackupPartItemsMax = kMiB;
inline constexpr std::size_t kBackupReadBytes = kMiB;
// A value of more than this is written in parts, over several slices.
inline constexpr std::size_t kBackupPartBytes = 256 * kKiB;
// A slice looks at so many keys (about 0.01 ms), and at so many when it only clears their marks; then others
// have their turn. After so many slices there is a pause; more of them while nobody is served.
inline constexpr std::size_t kBackupSliceEntries = 24;
inline constexpr int kBackupSlicesInRow = 3;
inline constexpr int kBackupSlicesWhenIdle = 40;
inline constexpr std::size_t kBackupClearEntries = 10000;
// At the end of the process, a backup that fails is tried again, so often and after so long.
inline constexpr int kLastBackupAttempts = 5;
inline constexpr auto kLastBackupPause = std::chrono::seconds(1);
inline constexpr auto kProgressInterval = std::chrono::seconds(1);
inline constexpr auto kBackupPause = std::chrono::milliseconds(1);
// What changes before its turn is set aside in memory until the disk has it: up to a tenth of the data, or
// this if it is more; then changes wait for the disk.
inline constexpr std::size_t kBackupSetAsideBytesMin = 64 * kMiB;

// --- A replica's log ---
// A segment, preallocated: so much can still be written to a full disk. Larger ones would be in the way of
// compaction, which removes whole ones; smaller ones cost more renames and saves of the vote.
inline constexpr std::size_t kLogSegmentBytes = 16 * kMiB;
// Requests that wait are written together up to this: a write of 4 MB takes a fast disk a few milliseconds.
inline constexpr std::size_t kLogWriteBytesMax = 4 * kMiB;
// What a full or failing disk has refused is tried again after this.
inline constexpr auto kLogRetryPause = std::chrono::seconds(1);
// A reader believes no length of a record beyond this; no entry comes near.
inline constexpr std::size_t kLogRecordBytesMax = kGiB;
// One entry in so many bytes is found at once, those between by reading: a log of 1 GB has 16,000 marks.
inline constexpr std::size_t kLogMarkBytes = 64 * kKiB;
// Pieces in which a log is read: at a start, and, from one mark to the next, for a replica that is behind.
inline constexpr std::size_t kLogStartReadBytes = 256 * kKiB;
inline constexpr std::size_t kLogReadBytes = 128 * kKiB;

// --- Server ---
// CLIENT SETNAME and SETINFO: a name for people, kept for as long as the connection lives.
inline constexpr std::size_t kClientAttributeBytesMax = 4 * kKiB;
inline constexpr std::size_t kSlowlogEntriesMax = 1024;
inline constexpr std::size_t kSlowlogArgumentsMax = 32;       // as in Redis
inline constexpr std::size_t kSlowlogArgumentBytesMax = 128;  // as in Redis
inline constexpr auto kDebugSleepMax = std::chrono::seconds(60);
inline constexpr std::size_t kPasswordFileBytesMax = kMiB;
// Distinct words in front of error replies that INFO counts one by one (Redis: 128); all others count in the
// total only.
inline constexpr std::size_t kErrorWordsMax = 128;
// A word in front of an error reply longer than this is somebody's text, not a kind of error.
inline constexpr std::size_t kErrorWordBytesMax = 32;
// Rates ("per second") are means over the last samples: 16 samples of 100 ms, as in Redis.
inline constexpr std::size_t kRateSamples = 16;
inline constexpr auto kRateSampleInterval = std::chrono::milliseconds(100);
// SLOWLOG entries kept by default (slowlog-max-len); kSlowlogEntriesMax is the most that may be set.
inline constexpr std::size_t kSlowlogEntriesDefault = 128;
inline constexpr std::int64_t kSlowlogThresholdUsDefault = 10000;

// --- The client ---
// What a person can look back to; the file is shortened when it has twice as many.
inline constexpr std::size_t kHistoryLinesMax = 1000;
// A longer line is a paste of data, which nobody looks for in the history.
inline constexpr std::size_t kHistoryLineBytesMax = 16 * kKiB;
// Of the history's file, what is read at most: as many usual lines as are kept, many times over.
inline constexpr std::size_t kHistoryFileBytesMax = 4 * kMiB;
// What can be typed or pasted as one line of a terminal; more belongs into a pipe.
inline constexpr std::size_t kTypedLineBytesMax = 16 * kMiB;

}  // namespace ringhold::limits
