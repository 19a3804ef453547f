// Raft's messages as frames of ringhold-peer/1.
//
// Each kind of message is a frame type of its own (PeerMessage). A body begins with who says it to whom, and
// in which term; numbers are varints. What can be computed is not sent: entries are numbered from the
// previous position on, and each has its term as the difference to the one before it, so that entries out of
// order cannot be written down.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cluster/peer/messages.h"
#include "cluster/raft/messages.h"
#include "common/base/byte_buffer.h"
#include "common/base/result.h"
#include "common/wire/frame.h"

namespace ringhold::raft_io {

// Small messages travel on a connection of their own, so that nothing large is ever in front of one.
// Values are part of the protocol.
enum class Channel : std::uint8_t { kSmall = 0, kBulk = 1 };
const char* channel_name(Channel channel);

PeerMessage type_of(const raft::MessageBody& body);
Channel channel_of(const raft::MessageBody& body);
// Whether a frame of this type is one of Raft's messages on that channel.
bool belongs_on(std::uint8_t type, Channel channel);

// Whether its frame is sure to be within `frame_bytes_max` and the other limits of a reader.
bool fits(const raft::Message& message, std::size_t frame_bytes_max);
// Appends one frame. Precondition: it fits; its entries follow each other and `previous`.
void write_message(ByteBuffer& out, const raft::Message& message);
// Errors say what does not fit. Nothing points into the frame afterwards, and no count or length is believed
// beyond its bytes.
Result<raft::Message> read_message(const Frame& frame);

}  // namespace ringhold::raft_io
