#include "cluster/peer/messages.h"

#include "common/base/limits.h"
#include "common/wire/codec.h"
#include "common/wire/frame.h"

namespace ringhold {

namespace {

void write_version(WireWriter& out, const TopologyVersion& version) {
  out.varint(version.generation);
  out.varint(version.epoch.value);
}

TopologyVersion read_version(WireReader& in) {
  TopologyVersion version;
  version.generation = in.varint();
  version.epoch.value = in.varint();
  return version;
}

// Enumerators travel as bytes; a value that this release does not know makes the message unreadable.
template <typename Enum>
bool read_enum(WireReader& in, Enum last, Enum& value) {
  const std::uint8_t raw = in.u8();
  if (raw > static_cast<std::uint8_t>(last)) return false;
  value = static_cast<Enum>(raw);
  return true;
}

std::uint8_t type_of(PeerMessage type) {
  return static_cast<std::uint8_t>(type);
}

void write_topology(ByteBuffer& out, const TopologyMessage& message) {
  WireWriter writer(out);
  writer.id(message.cluster);
  write_version(writer, message.version);
  writer.bytes(message.payload);
}

}  // namespace

void write_message(ByteBuffer& out, const HelloMessage& message) {
  const FrameWriter frame(out, type_of(PeerMessage::kHello));
  WireWriter writer(out);
  writer.u64(message.link);
  writer.varint(message.link_generation);
  writer.bytes(message.name);
  writer.id(message.cluster);
  write_version(writer, message.version);
}

bool read_message(std::string_view body, HelloMessage& message) {
  WireReader in(body);
  message.link = in.u64();
  message.link_generation = in.varint();
  message.name = in.bytes();
  message.cluster = in.id();
  message.version = read_version(in);
  return in.done();
}

void write_message(ByteBuffer& out, const WelcomeMessage& message) {
  const FrameWriter frame(out, type_of(PeerMessage::kWelcome));
  WireWriter writer(out);
  writer.bytes(message.shard_name);
  writer.id(message.cluster);
  write_version(writer, message.version);
  writer.varint(static_cast<std::uint64_t>(message.log_time));
}

bool read_message(std::string_view body, WelcomeMessage& message) {
  WireReader in(body);
  message.shard_name = in.bytes();
  message.cluster = in.id();
  message.version = read_version(in);
  message.log_time = static_cast<UnixMs>(in.varint());
  return in.done();
}

void write_message(ByteBuffer& out, const RefusalMessage& message) {
  const FrameWriter frame(out, type_of(PeerMessage::kRefusal));
  WireWriter(out).bytes(message.reason);
}

bool read_message(std::string_view body, RefusalMessage& message) {
  WireReader in(body);
  message.reason = in.bytes();
  return in.done();
}

void write_message(ByteBuffer& out, const GoodbyeMessage& /*message*/) {
  const FrameWriter frame(out, type_of(PeerMessage::kGoodbye));
}

void write_message(ByteBuffer& out, const PingMessage& message) {
  const FrameWriter frame(out, type_of(PeerMessage::kPing));
  WireWriter writer(out);
  write_version(writer, message.version);
}

bool read_message(std::string_view body, PingMessage& message) {
  WireReader in(body);
  message.version = read_version(in);
  return in.done();
}

void write_message(ByteBuffer& out, const PongMessage& message) {
  const FrameWriter frame(out, type_of(PeerMessage::kPong));
  WireWriter writer(out);
  write_version(writer, message.version);
  writer.varint(static_cast<std::uint64_t>(message.log_time));
  writer.varint(message.keys);
  writer.varint(message.bytes);
  writer.varint(message.ops);
  for (const std::uint64_t figure :
       {message.figures.hits, message.figures.misses, message.figures.expired, message.figures.evicted}) {
    writer.varint(figure);
  }
}

bool read_message(std::string_view body, PongMessage& message) {
  WireReader in(body);
  message.version = read_version(in);
  message.log_time = static_cast<UnixMs>(in.varint());
  message.keys = in.varint();
  message.bytes = in.varint();
  message.ops = in.varint();
  for (std::uint64_t* figure :
       {&message.figures.hits, &message.figures.misses, &message.figures.expired, &message.figures.evicted}) {
    *figure = in.varint();
  }
  return in.done();
}

void write_message(ByteBuffer& out, const TopologyMessage& message) {
  const FrameWriter frame(out, type_of(PeerMessage::kTopology));
  write_topology(out, message);
}

bool read_message(std::string_view body, TopologyMessage& message) {
  WireReader in(body);
  message.cluster = in.id();
  message.version = read_version(in);
  message.payload = in.bytes();
  return in.done();
}

void write_message(ByteBuffer& out, const RememberedMessage& message) {
  const FrameWriter frame(out, type_of(PeerMessage::kRemembered));
  write_topology(out, message.topology);
}

bool read_message(std::string_view body, RememberedMessage& message) {
  return read_message(body, message.topology);
}

void write_message(ByteBuffer& out, const CommandMessage& message) {
  const FrameWriter frame(out, type_of(PeerMessage::kCommand));
  WireWriter writer(out);
  writer.varint(message.request);
  writer.u8(static_cast<std::uint8_t>(message.resp));
  writer.u8(static_cast<std::uint8_t>(message.role));
  writer.varint(message.client);
  writer.varint(message.session);
  writer.varint(message.sequence);
  writer.varint(message.acknowledged_below);
  writer.varint(static_cast<std::uint64_t>(message.deadline));
  write_version(writer, message.version);
  out.append(message.arguments);
}

bool read_message(std::string_view body, CommandMessage& message) {
  WireReader in(body);
  message.request = in.varint();
  const std::uint8_t resp = in.u8();
  if (resp != 2 && resp != 3) return false;
  message.resp = static_cast<RespVersion>(resp);
  if (!read_enum(in, Role::kAdmin, message.role)) return false;
  message.client = in.varint();
  message.session = in.varint();
  message.sequence = in.varint();
  message.acknowledged_below = in.varint();
  message.deadline = static_cast<UnixMs>(in.varint());
  message.version = read_version(in);
  message.arguments = in.rest();
  return in.ok();
}

std::size_t write_reply_head(ByteBuffer& out, std::uint64_t request) {
  WireWriter writer(out);
  writer.varint(request);
  writer.u8(static_cast<std::uint8_t>(ReplyStatus::kDone));
  return out.size() - 1;
}

void set_reply_status(ByteBuffer& out, std::size_t at, ReplyStatus status) {
  *out.data_at(at) = static_cast<char>(status);
}

void write_message(ByteBuffer& out, const ReplyMessage& message) {
  const FrameWriter frame(out, type_of(PeerMessage::kReply));
  set_reply_status(out, write_reply_head(out, message.request), message.status);
  out.append(message.reply);
}

bool read_message(std::string_view body, ReplyMessage& message) {
  WireReader in(body);
  message.request = in.varint();
  if (!read_enum(in, ReplyStatus::kTooLate, message.status)) return false;
  message.reply = in.rest();
  return in.ok();
}

void write_message(ByteBuffer& out, const EditMessage& message) {
  const FrameWriter frame(out, type_of(PeerMessage::kEdit));
  WireWriter writer(out);
  writer.varint(message.request);
  write_version(writer, message.expected);
  writer.u8(message.takeover ? 1 : 0);
  writer.bytes(message.servers);
}

bool read_message(std::string_view body, EditMessage& message) {
  WireReader in(body);
  message.request = in.varint();
  message.expected = read_version(in);
  message.takeover = in.u8() != 0;
  message.servers = in.bytes();
  return in.done();
}

void write_message(ByteBuffer& out, const EditResultMessage& message) {
  const FrameWriter frame(out, type_of(PeerMessage::kEditResult));
  WireWriter writer(out);
  writer.varint(message.request);
  writer.u8(static_cast<std::uint8_t>(message.status));
  writer.bytes(message.message);
}

bool read_message(std::string_view body, EditResultMessage& message) {
  WireReader in(body);
  message.request = in.varint();
  if (!read_enum(in, EditStatus::kNotAuthority, message.status)) return false;
  message.message = in.bytes();
  return in.done();
}

void encode_arguments(ByteBuffer& out, std::span<const std::string_view> args) {
  WireWriter writer(out);
  writer.varint(args.size());
  for (const std::string_view arg : args) writer.bytes(arg);
}

bool decode_arguments(std::string_view encoded, std::vector<std::string_view>& args) {
  args.clear();
  WireReader in(encoded);
  const std::uint64_t count = in.varint();
  // Each argument takes at least its length byte, so a hostile count cannot make this loop long.
  if (!in.ok() || count == 0 || count > limits::kArgumentsMax || count > in.left()) return false;
  for (std::uint64_t i = 0; i < count; ++i) args.push_back(in.bytes());
  return in.done();
}

}  // namespace ringhold
