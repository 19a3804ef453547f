#include "tests/sim/load/client_connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "tests/sim/load/http_dialect.h"
#include "tests/sim/load/reply_check.h"

namespace ringhold::sim {

using std::chrono::microseconds;

ClientConnection::ClientConnection(SimClient& client, const Front& front, SimRng rng,
                                   std::function<void()> on_ended)
    : client_(client),
      front_(front),
      rng_(std::move(rng)),
      habits_(choose_habits()),
      mix_(client.options_.keys, rng_.next()),
      on_ended_(std::move(on_ended)),
      number_(client.log_.next_connection++) {
  World world = client_.loop_.world();
  thinking_ = world.scheduler.make_timer([this] { act(); });
  dozing_ = world.scheduler.make_timer([this] {
    stream_->resume_reading();
    on_input();
  });
  const Protocol protocol = habits_.http ? Protocol::kHttp : Protocol::kRedis;
  stream_ = world.network.connect(front_.address, protocol, *this);
}

ClientConnection::~ClientConnection() {
  lose_all("the run ends", true);
}

void ClientConnection::write_command(ByteBuffer& out, const SimCommand& command) const {
  if (habits_.http) return write_http_request(out, command);
  out.append(fmt::format("*{}\r\n", command.args.size()));
  for (const std::string& arg : command.args) {
    out.append(fmt::format("${}\r\n", arg.size()));
    out.append(arg);
    out.append("\r\n");
  }
}

RunLog& ClientConnection::log() {
  return client_.log_;
}

ClientConnection::Habits ClientConnection::choose_habits() {
  static constexpr std::array<std::uint32_t, 10> kDepths = {1, 1, 1, 2, 2, 4, 4, 8, 16, 32};
  const ClientOptions& o = client_.options_;
  Habits h;
  h.resp3 = rng_.percent(o.resp3_percent);
  h.cluster_aware = rng_.percent(o.cluster_aware_percent);
  h.depth = std::min(rng_.pick(kDepths), o.depth_max);
  h.requests = rng_.below(o.requests_per_connection) + 1;
  h.rude = !o.gentle && rng_.percent(o.rude_percent);
  h.sleepy = !o.gentle && rng_.percent(o.sleepy_percent);
  h.http = !o.gentle && o.http_percent > 0 && rng_.percent(o.http_percent);
  h.resp3 = h.resp3 && !h.http;
  h.cluster_aware = h.cluster_aware && !h.http;
  return h;
}

void ClientConnection::on_connected() {
  connected_ = true;
  if (habits_.resp3) send({{"HELLO", "3"}, ReplyShape::kAny, {}, {}});
  // Somebody who wants to see all there is: so every way that later commands may take has been used once.
  if (client_.options_.gentle) send(mget(all_keys(client_.options_.keys)));
  if (habits_.cluster_aware) send({{"CLUSTER", "SLOTS"}, ReplyShape::kAny, {}, {}});
  think();
}

void ClientConnection::think() {
  if (ended_ || thinking_->active()) return;
  thinking_->start(microseconds(rng_.between(0, client_.options_.think_us_max)));
}

void ClientConnection::act() {
  if (ended_ || !connected_) return;
  if (stopping_ || sent_ >= habits_.requests) {
    if (habits_.rude && !stopping_) {
      give_up();
    } else {
      finish_if_idle();
    }
    return;
  }
  const std::size_t room = habits_.depth - std::min<std::size_t>(habits_.depth, waiting_.size());
  if (room > 0) {
    // A pipeline is sent in one piece, as clients do.
    for (std::uint64_t n = rng_.below(room) + 1; n > 0; --n) send(next_command());
  }
  if (habits_.sleepy && rng_.one_in(20)) doze();
  if (waiting_.size() < habits_.depth) think();
}

SimCommand ClientConnection::next_command() {
  SimCommand command = mix_.next(log().next_id);
  while (habits_.http && !has_http_form(command)) command = mix_.next(log().next_id);
  return command;
}

void ClientConnection::send(SimCommand command) {
  RunLog& run = log();
  Waiting waiting{std::move(command), run.requests.size(), run.operations.size()};
  RequestRecord& record = run.requests.emplace_back();
  record.id = run.next_id++;
  record.client = client_.options_.name;
  record.front = front_.name;
  record.connection = number_;
  record.command = describe(waiting.command);
  record.sent = client_.loop_.turn_time();
  // The reply to CLUSTER SLOTS is long, and a narrow window makes it late, and all that comes after it.
  record.bulky = waiting.command.args[0] == "CLUSTER";
  record.dozed = dozing_->active();
  record.cluster_aware = habits_.cluster_aware;
  record.all_shards = waiting.command.shape == ReplyShape::kKeys ||
                      waiting.command.shape == ReplyShape::kScan || waiting.command.args[0] == "DBSIZE";
  for (Operation& op : waiting.command.operations) {
    record.keys.push_back(op.key);
    op.id = run.operations.size();
    op.connection = number_;
    op.front = front_.name;
    op.invoked = record.sent;
    run.operations.push_back(op);
  }
  write_command(stream_->output(), waiting.command);
  stream_->flush();
  ++sent_;
  waiting_.push_back(std::move(waiting));
}

// False: more has to come.
bool ClientConnection::read_http() {
  const std::string_view input = stream_->input().view();
  if (input.empty()) return false;
  if (waiting_.empty()) {
    client_.loop_.sim().violation(
        fmt::format("{} got a response from {} that nobody asked for", client_.options_.name, front_.name));
    return false;
  }
  const auto response = read_http_response(input, waiting_.front().command);
  if (!response) return false;
  if (response->resp.empty()) {
    client_.loop_.sim().violation(fmt::format("{} got a response from {} that does not fit its request: {}",
                                              client_.options_.name, front_.name, input.substr(0, 200)));
    return false;
  }
  take_reply(response->resp);
  if (!ended_) stream_->input().consume(response->consumed);
  return !ended_;
}

void ClientConnection::on_input() {
  while (habits_.http && read_http()) {
  }
  while (!ended_ && !habits_.http) {
    const std::string_view input = stream_->input().view();
    const ReplyParser::Status status = parser_.next(input);
    if (status == ReplyParser::Status::kNeedMore) return;
    if (status == ReplyParser::Status::kError) {
      client_.loop_.sim().violation(fmt::format("{} got bytes from {} that are no reply: {}",
                                                client_.options_.name, front_.name, parser_.error()));
      return;
    }
    take_reply(input.substr(0, parser_.consumed()));
    if (!ended_) stream_->input().consume(parser_.consumed());
  }
}

void ClientConnection::take_reply(std::string_view bytes) {
  SimWorld& sim = client_.loop_.sim();
  const auto reply = decode_reply(bytes);
  if (!reply.ok() || waiting_.empty()) {
    sim.violation(fmt::format("{} connection {} to {}: {}", client_.options_.name, number_, front_.name,
                              reply.ok() ? "a reply that nobody asked for: " + describe(*reply)
                                         : "a damaged reply: " + reply.error().message));
    return;
  }
  Waiting waiting = std::move(waiting_.front());
  waiting_.pop_front();
  const MonoTime now = client_.loop_.turn_time();
  const Judgement judgement = judge_reply(waiting.command, *reply);
  RequestRecord& record = log().requests[waiting.request];
  record.returned = now;
  if (judgement.kind != Judgement::Kind::kFits) record.error = judgement.text;
  for (std::size_t i = 0; i < waiting.command.operations.size(); ++i) {
    Operation& op = log().operations[waiting.first_operation + i];
    op.outcome = waiting.command.operations[i].outcome;
    op.seen = waiting.command.operations[i].seen;
    op.returned = now;
  }
  if (judgement.kind == Judgement::Kind::kNonsense) {
    sim.violation(
        fmt::format("a reply does not fit its request (P3b): {} connection {} to {}, request #{}: {}",
                    client_.options_.name, number_, front_.name, record.id, judgement.text));
    return;
  }
  think();
}

void ClientConnection::doze() {
  if (dozing_->active()) return;
  stream_->pause_reading();
  dozing_->start(microseconds(rng_.between(1000, 800000)));
  for (const Waiting& waiting : waiting_) log().requests[waiting.request].dozed = true;
}

void ClientConnection::stop() {
  stopping_ = true;
  if (!connected_) {
    give_up();
  } else {
    think();
  }
}

void ClientConnection::finish_if_idle() {
  if (!waiting_.empty()) return;  // the next reply brings us back
  stream_->close();
}

void ClientConnection::give_up() {
  if (ended_) return;
  lose_all("given up by the client", true);
  stream_->abort();
}

void ClientConnection::on_closed(const Error& why) {
  ended_ = true;
  thinking_->stop();
  dozing_->stop();
  lose_all(why.message, false);
  client_.loop_.defer(on_ended_);
}

void ClientConnection::lose_all(const std::string& why, bool given_up) {
  for (const Waiting& waiting : waiting_) {
    RequestRecord& record = log().requests[waiting.request];
    record.returned = client_.loop_.turn_time();
    record.lost = true;
    record.given_up = given_up;
    record.error = why;
  }
  waiting_.clear();
}

std::vector<std::uint64_t> ClientConnection::waiting() const {
  std::vector<std::uint64_t> ids;
  for (const Waiting& waiting : waiting_) ids.push_back(client_.log_.requests[waiting.request].id);
  return ids;
}

}  // namespace ringhold::sim
