#include "cluster/peer/messages.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "common/wire/frame.h"

namespace ringhold {
namespace {

// The body of the one frame in `out`.
std::string_view body_of(const ByteBuffer& out, PeerMessage type) {
  static FrameParser parser;
  REQUIRE(parser.next(out.view()) == FrameParser::Status::kFrame);
  CHECK(parser.frame().type == static_cast<std::uint8_t>(type));
  return parser.frame().body;
}

CommandMessage sample_command(const ByteBuffer& arguments) {
  CommandMessage message;
  message.request = 300;
  message.resp = RespVersion::k3;
  message.role = Role::kAdmin;
  message.client = 9;
  message.session = 1;
  message.sequence = 2;
  message.acknowledged_below = 3;
  message.deadline = 1700000000000;
  message.version = {2, Epoch{7}};
  message.arguments = arguments.view();
  return message;
}

TEST_CASE("messages: a command survives a round trip") {
  ByteBuffer arguments;
  const std::vector<std::string_view> args = {"SET", "key", std::string_view("\0\xff", 2), ""};
  encode_arguments(arguments, args);
  ByteBuffer out;
  write_message(out, sample_command(arguments));

  CommandMessage read;
  REQUIRE(read_message(body_of(out, PeerMessage::kCommand), read));
  CHECK(read.request == 300);
  CHECK(read.resp == RespVersion::k3);
  CHECK(read.role == Role::kAdmin);
  CHECK(read.client == 9);
  CHECK(read.session == 1);
  CHECK(read.sequence == 2);
  CHECK(read.acknowledged_below == 3);
  CHECK(read.deadline == 1700000000000);
  CHECK(read.version == TopologyVersion{2, Epoch{7}});
  std::vector<std::string_view> decoded;
  REQUIRE(decode_arguments(read.arguments, decoded));
  CHECK(decoded == args);
}

TEST_CASE("messages: a command never carries the node role") {
  ByteBuffer arguments;
  const std::vector<std::string_view> args = {"PING"};
  encode_arguments(arguments, args);
  CommandMessage message = sample_command(arguments);
  message.role = Role::kNode;
  ByteBuffer out;
  write_message(out, message);
  CommandMessage read;
  CHECK_FALSE(read_message(body_of(out, PeerMessage::kCommand), read));
}

TEST_CASE("messages: hello, welcome and edit survive; truncated and longer ones are refused") {
  HelloMessage hello{42, 3, "proxy 127.0.0.1:9443", {}, {1, Epoch{5}}};
  hello.cluster.bytes[0] = 1;
  ByteBuffer out;
  write_message(out, hello);
  const std::string body(body_of(out, PeerMessage::kHello));
  HelloMessage read;
  REQUIRE(read_message(body, read));
  CHECK(read.link == 42);
  CHECK(read.link_generation == 3);
  CHECK(read.name == hello.name);
  CHECK(read.cluster == hello.cluster);
  CHECK(read.version == hello.version);
  for (std::size_t n = 0; n < body.size(); ++n) CHECK_FALSE(read_message(body.substr(0, n), read));
  CHECK_FALSE(read_message(body + "x", read));

  ByteBuffer edit_out;
  write_message(edit_out, EditMessage{7, {1, Epoch{5}}, true, "{}"});
  EditMessage edit;
  REQUIRE(read_message(body_of(edit_out, PeerMessage::kEdit), edit));
  CHECK(edit.takeover);
  CHECK(edit.servers == "{}");
}

TEST_CASE("messages: a reply written in place equals one written whole") {
  ByteBuffer whole;
  write_message(whole, ReplyMessage{5, ReplyStatus::kNotOwner, "+OK\r\n"});
  ByteBuffer in_place;
  {
    const FrameWriter frame(in_place, static_cast<std::uint8_t>(PeerMessage::kReply));
    const std::size_t at = write_reply_head(in_place, 5);
    in_place.append("+OK\r\n");
    set_reply_status(in_place, at, ReplyStatus::kNotOwner);
  }
  CHECK(whole.view() == in_place.view());
}

TEST_CASE("arguments: hostile counts and lengths are refused") {
  std::vector<std::string_view> args;
  CHECK_FALSE(decode_arguments("", args));
  CHECK_FALSE(decode_arguments(std::string_view("\0", 1), args));  // none
  CHECK_FALSE(decode_arguments("\xff\xff\xff\xff\x7f", args));     // 2^35 of them
  CHECK_FALSE(
      decode_arguments("\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", args));  // one of 2^64 - 1 bytes
  CHECK_FALSE(
      decode_arguments("\x01\x01"
                       "ab",
                       args));  // something is left over
}

}  // namespace
}  // namespace ringhold
