// Peer frames: whatever bytes come, the parser and every message reader stay within them, and what is read
// can be written again and reads the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "cluster/peer/messages.h"
#include "cluster/raft_io/handshake.h"
#include "cluster/raft_io/message_codec.h"
#include "common/wire/frame.h"

namespace ringhold {
namespace {

template <typename Message>
void round_trip(std::string_view body) {
  Message message;
  if (!read_message(body, message)) return;
  ByteBuffer out;
  write_message(out, message);
  FrameParser parser;
  if (parser.next(out.view()) != FrameParser::Status::kFrame) std::abort();
  Message again;
  if (!read_message(parser.frame().body, again)) std::abort();
}

// Of Raft's messages the second writing must be the same to the byte: what was read is all that they say.
void raft_round_trip(const Frame& frame) {
  const Result<raft::Message> message = raft_io::read_message(frame);
  if (!message) return;
  ByteBuffer out;
  raft_io::write_message(out, *message);
  FrameParser parser;
  if (parser.next(out.view()) != FrameParser::Status::kFrame) std::abort();
  const Result<raft::Message> again = raft_io::read_message(parser.frame());
  if (!again) std::abort();
  ByteBuffer twice;
  raft_io::write_message(twice, *again);
  if (twice.view() != out.view()) std::abort();
}

void handle(const Frame& frame) {
  std::vector<std::string_view> args;
  switch (static_cast<PeerMessage>(frame.type)) {
    case PeerMessage::kHello:
      round_trip<HelloMessage>(frame.body);
      break;
    case PeerMessage::kWelcome:
      round_trip<WelcomeMessage>(frame.body);
      break;
    case PeerMessage::kRefusal:
      round_trip<RefusalMessage>(frame.body);
      break;
    case PeerMessage::kPing:
      round_trip<PingMessage>(frame.body);
      break;
    case PeerMessage::kPong:
      round_trip<PongMessage>(frame.body);
      break;
    case PeerMessage::kTopology:
      round_trip<TopologyMessage>(frame.body);
      break;
    case PeerMessage::kRemembered:
      round_trip<RememberedMessage>(frame.body);
      break;
    case PeerMessage::kReply:
      round_trip<ReplyMessage>(frame.body);
      break;
    case PeerMessage::kEdit:
      round_trip<EditMessage>(frame.body);
      break;
    case PeerMessage::kEditResult:
      round_trip<EditResultMessage>(frame.body);
      break;
    case PeerMessage::kGoodbye:
    case PeerMessage::kRaftPong:
      break;
    case PeerMessage::kRaftHello:
      round_trip<raft_io::RaftHello>(frame.body);
      break;
    case PeerMessage::kRaftWelcome:
      round_trip<raft_io::RaftWelcome>(frame.body);
      break;
    case PeerMessage::kRaftPing:
      round_trip<raft_io::RaftPing>(frame.body);
      break;
    case PeerMessage::kVoteRequest:
    case PeerMessage::kVoteReply:
    case PeerMessage::kAppendRequest:
    case PeerMessage::kAppendReply:
    case PeerMessage::kHeartbeat:
    case PeerMessage::kHeartbeatReply:
    case PeerMessage::kTimeoutNow:
    case PeerMessage::kSnapshotChunk:
    case PeerMessage::kSnapshotReply:
      raft_round_trip(frame);
      break;
    case PeerMessage::kCommand: {
      round_trip<CommandMessage>(frame.body);
      CommandMessage command;
      if (read_message(frame.body, command)) (void)decode_arguments(command.arguments, args);
      break;
    }
  }
}

}  // namespace
}  // namespace ringhold

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using ringhold::FrameParser;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  FrameParser parser(1U << 20U);
  while (parser.next(input) == FrameParser::Status::kFrame) {
    ringhold::handle(parser.frame());
    input.remove_prefix(parser.consumed());
  }
  return 0;
}
