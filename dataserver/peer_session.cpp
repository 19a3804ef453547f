#include "dataserver/peer_session.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "cluster/admin/cluster_commands.h"
#include "common/base/limits.h"
#include "common/base/log.h"
#include "dataserver/authority.h"

namespace ringhold {

PeerSession::PeerSession(std::uint64_t id, std::unique_ptr<Stream> stream, Node& node, PeerSessionHost& host)
    : stream_(std::move(stream)), node_(node), host_(host), executor_(node) {
  client_.id = id;
  client_.address = stream_->peer().address;
  client_.name = stream_->peer().common_name;
  stream_->set_handler(this);
}

PeerSession::~PeerSession() {
  if (in_line_) node_.turns.leave(*this);
}

void PeerSession::on_closed(const Error& why) {
  gone_ = true;
  log::debug("peer {} closed: {}", client_.address.text(), why.message);
  host_.on_peer_closed(*this);
}

void PeerSession::process() {
  mark_ = node_.world.clock.now();
  while (!closing_ && !gone_ && (!in_line_ || finishing_)) {
    if (stream_->unsent() > limits::kOutputHighBytes) {
      stream_->pause_reading();
      break;
    }
    if (node_.turns.over(mark_) && !stream_->input().empty() && !finishing_) {
      in_line_ = true;
      node_.turns.wait(*this);
      stream_->pause_reading();
      break;
    }
    stream_->resume_reading();
    const FrameParser::Status status = parser_.next(stream_->input().view());
    if (status == FrameParser::Status::kNeedMore) break;
    if (status == FrameParser::Status::kError) {
      refuse(parser_.error());
      return;
    }
    if (must_wait(parser_.frame())) {
      stream_->pause_reading();
      break;
    }
    const std::size_t consumed = parser_.consumed();
    node_.stats.record_input(consumed);
    if (!handle(parser_.frame())) {
      refuse(fmt::format("a message of type {} makes no sense here", parser_.frame().type));
      return;
    }
    if (!closing_) stream_->input().consume(std::exchange(taken_, false) ? 0 : consumed);
  }
  if (!gone_ && !stream_->output().empty()) stream_->flush();
}

void PeerSession::on_share() {
  in_line_ = false;
  process();
}

// Whether it is a command that has to wait, and what came after it with it: that keeps their order.
bool PeerSession::must_wait(const Frame& frame) {
  if (!node_.somebody_may_wait() || static_cast<PeerMessage>(frame.type) != PeerMessage::kCommand)
    return false;
  CommandMessage message;
  if (!read_message(frame.body, message) || !decode_arguments(message.arguments, args_)) return false;
  const CommandLookup found = find_command(args_);
  return found.row != nullptr && node_.must_wait(*found.row);
}

bool PeerSession::handle(const Frame& frame) {
  const auto type = static_cast<PeerMessage>(frame.type);
  if (!greeted_) return type == PeerMessage::kHello && handle_hello(frame.body);
  switch (type) {
    case PeerMessage::kCommand:
      return handle_command(frame.body);
    case PeerMessage::kPing:
      return handle_ping(frame.body);
    case PeerMessage::kTopology:
      return handle_topology(frame.body);
    case PeerMessage::kEdit:
      return handle_edit(frame.body);
    default:
      return false;
  }
}

bool PeerSession::handle_hello(std::string_view body) {
  HelloMessage hello;
  if (!read_message(body, hello)) return false;
  if (!node_.topology.compatible(hello.cluster)) {
    refuse(fmt::format(
        "this server belongs to cluster {}{}, the caller to cluster {}", node_.topology.cluster().hex(),
        node_.topology.remembered() != nullptr ? " (as its backup says)" : "", hello.cluster.hex()));
    return true;
  }
  greeted_ = true;
  link_ = hello.link;
  link_generation_ = hello.link_generation;
  peer_version_ = hello.version;
  client_.name = hello.name;
  host_.drop_older(*this);
  const std::string& shard = node_.ownership.shard().empty() ? node_.options.name : node_.ownership.shard();
  write_message(stream_->output(),
                WelcomeMessage{shard, node_.topology.cluster(), node_.topology.version(), node_.log_time()});
  show_topology();
  if (const TopologyPtr& remembered = node_.topology.remembered(); remembered != nullptr) {
    write_message(stream_->output(), node_.topology.remembered_message());
  }
  return true;
}

void PeerSession::show_topology() {
  if (!greeted_ || closing_ || gone_ || node_.topology.current() == nullptr) return;
  const TopologyVersion version = node_.topology.version();
  if (version <= peer_version_ || version == shown_version_) return;
  shown_version_ = version;
  write_message(stream_->output(), node_.topology.message());
  stream_->flush();
}

bool PeerSession::handle_ping(std::string_view body) {
  PingMessage ping;
  if (!read_message(body, ping)) return false;
  peer_version_ = ping.version;
  show_topology();
  const StoreStats& stats = node_.store.stats();
  write_message(stream_->output(), PongMessage{node_.topology.version(),
                                               node_.log_time(),
                                               node_.store.size(),
                                               node_.store.used_bytes(),
                                               node_.stats.traffic().commands,
                                               {stats.hits, stats.misses, stats.expired, stats.evicted}});
  return true;
}

bool PeerSession::handle_topology(std::string_view body) {
  TopologyMessage message;
  if (!read_message(body, message)) return false;
  peer_version_ = std::max(peer_version_, message.version);
  if (const Result<void> offered = node_.topology.offer(message); !offered) refuse(offered.error().message);
  return true;
}

bool PeerSession::handle_edit(std::string_view body) {
  EditMessage edit;
  if (!read_message(body, edit)) return false;
  const EditResultMessage result = decide_edit(node_, edit);
  // The asker sees the outcome before it hears of it.
  show_topology();
  write_message(stream_->output(), result);
  return true;
}

bool PeerSession::handle_command(std::string_view body) {
  CommandMessage message;
  if (!read_message(body, message)) return false;
  // A sender that goes by an older topology learns of ours before it learns that we refuse.
  if (message.version < node_.topology.version()) {
    peer_version_ = std::max(peer_version_, message.version);
    show_topology();
  }
  ByteBuffer& out = stream_->output();
  const std::size_t frame_start = out.size();
  {
    const FrameWriter frame(out, static_cast<std::uint8_t>(PeerMessage::kReply));
    const std::size_t status_at = write_reply_head(out, message.request);
    const std::size_t reply_start = out.size();
    ReplyWriter reply(out, message.resp);
    const ReplyStatus status = execute(message, reply);
    set_reply_status(out, status_at, status);
    if (status != ReplyStatus::kDone) out.truncate(reply_start);
    if (out.size() - frame_start > limits::kFrameBytesMax) {
      out.truncate(reply_start);
      reply.error("ERR the reply is larger than a frame may be; ask for less at a time");
    }
  }
  node_.stats.record_output(out.size() - frame_start);
  return true;
}

ReplyStatus PeerSession::execute(const CommandMessage& message, ReplyWriter& reply) {
  if (message.version > sent_version_) {
    sent_version_ = message.version;
    bounced_.clear();
  }
  if (message.deadline < node_.log_time()) return ReplyStatus::kTooLate;
  // One client's nonsense must not cost the others their link: it is answered like any other bad command.
  if (!decode_arguments(message.arguments, args_)) {
    reply.error("ERR too many arguments, or none");
    return ReplyStatus::kDone;
  }
  const CommandLookup found = find_command(args_);
  if (found.row == nullptr) {
    reply.error(found.error);
    return ReplyStatus::kDone;
  }
  const CommandRow& row = *found.row;
  if (node_.topology.remembered() != nullptr) return ReplyStatus::kNotOwner;
  if (message.role < row.role) {
    reply.error(fmt::format("NOPERM '{}' needs the role {}", row.name, role_name(row.role)));
    return ReplyStatus::kDone;
  }
  if (row.routing == Routing::kKeys || row.routing == Routing::kSplit) {
    const Result<bool> may_run = executor_.may_run(row, args_, message.version);
    if (!may_run) {
      reply.error(may_run.error().message);
      return ReplyStatus::kDone;
    }
    // A command over several keys is bounced as a whole, though some of their slots may still be ours: what
    // its client sent after it by the same topology must not overtake it there (P3b).
    if (bounced_.contains(message.client)) return ReplyStatus::kNotOwner;
    if (!*may_run) {
      if (message.version < node_.topology.version()) bounced_.insert(message.client);
      return ReplyStatus::kNotOwner;
    }
  }
  run(row, reply);
  return ReplyStatus::kDone;
}

void PeerSession::run(const CommandRow& row, ReplyWriter& reply) {
  const std::size_t start = reply.out().size();
  if (row.id == CommandId::kClusterCountkeysinslot || row.id == CommandId::kClusterGetkeysinslot) {
    ClusterCommandContext context = executor_.cluster_context(row, args_, reply);
    execute_cluster_command(context);
  } else if (row.routing == Routing::kServer || row.routing == Routing::kConnection) {
    reply.error(fmt::format("ERR '{}' is not for another process to ask", row.name));
  } else if (row.gather == Gather::kScan) {
    executor_.run_scan_with_positions(row, args_, reply);
  } else if (row.gather == Gather::kRandom) {
    executor_.run_randomkey_with_size(row, args_, reply);
  } else {
    executor_.run(row, args_, reply, {this, false});
  }
  const MonoTime now = node_.world.clock.now();
  const auto usec = (now - mark_).count();
  mark_ = now;
  node_.stats.record_call(row.id, static_cast<std::uint64_t>(usec), reply.out().view().substr(start));
  if (node_.slowlog.is_slow(usec)) {
    node_.slowlog.record(row, args_, usec, node_.world.clock.wall_ms(), client_);
  }
}

LargeBytes PeerSession::take(std::string_view bytes) {
  LargeBytes memory = stream_->input().take(bytes, parser_.consumed());
  taken_ = taken_ || !memory.empty();
  return memory;
}

void PeerSession::refuse(const std::string& reason) {
  log::warn("refused peer {} ({}): {}", client_.address.text(), client_.name, reason);
  closing_ = true;
  write_message(stream_->output(), RefusalMessage{reason});
  stream_->close();
}

void PeerSession::finish() {
  finishing_ = true;
  process();
  if (closing_ || gone_) return;
  closing_ = true;
  if (greeted_) write_message(stream_->output(), GoodbyeMessage{});
  stream_->close();
}

void PeerSession::drop() {
  if (closing_ || gone_) return;
  closing_ = true;
  stream_->abort();
}

}  // namespace ringhold
