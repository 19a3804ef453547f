// The limits of the traffic between replicas, with why they have their values.
#pragma once

#include <chrono>
#include <cstddef>

#include "common/base/limits.h"

namespace ringhold::limits {

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

}  // namespace ringhold::limits
