#include "tests/sim/raft/raft_client.h"

#include <fmt/format.h>

#include <utility>

#include "common/base/check.h"
#include "common/resp/reply_parser.h"

namespace ringhold::sim {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr int kTries = 6;  // of an operation that is refused each time
constexpr auto kRetryPause = milliseconds(15);

Observation observed(const std::string& reply) {
  Observation seen;
  const auto decoded = decode_reply(reply);
  INVARIANT(decoded.ok());
  const ReplyValue& value = *decoded;
  using Kind = ReplyValue::Kind;
  if (value.is_null()) {
    seen.kind = Observation::Kind::kNil;
  } else if (value.kind == Kind::kInteger) {
    seen.kind = Observation::Kind::kNumber;
    seen.number = value.integer;
  } else if (value.kind == Kind::kBulk) {
    seen.kind = Observation::Kind::kText;
    seen.text = value.text;
  } else if (value.kind == Kind::kArray) {
    seen.kind = Observation::Kind::kItems;
    for (const ReplyValue& item : value.elements) seen.items.push_back(item.text);
  } else if (value.is_error()) {
    const bool wrong_type = value.text.starts_with("WRONGTYPE");
    seen.kind = wrong_type ? Observation::Kind::kWrongType : Observation::Kind::kNotANumber;
  }
  return seen;
}

}  // namespace

RaftClients::RaftClients(RaftGroup& group) : group_(group), world_(group.world()) {
  const RaftPlan& plan = group.plan();
  for (std::uint32_t i = 0; i < plan.clients; ++i) {
    SimRng rng(plan.seed, fmt::format("raft-client/{}", i));
    // Some only read: they notice what is stale, while writers wait for an answer.
    const std::uint64_t kind = rng.below(10);
    const std::uint64_t reads = kind < 3 ? 95 : kind < 5 ? 5 : plan.reads_percent;
    clients_.push_back(std::make_unique<Client>(Client{i, i % plan.replicas, rng, reads}));
  }
}

void RaftClients::start() {
  for (const auto& client : clients_) next(*client);
}

microseconds RaftClients::delay(Client& client) {
  return microseconds(client.rng.between(30, 1500));
}

// --- what a client does ---

void RaftClients::next(Client& client) {
  const auto pause = microseconds(client.rng.between(0, 2 * group_.plan().think_us));
  world_.after(pause, [this, &client] {
    if (stopped_) return;
    Operation operation;
    operation.id = operations_.size() + 1;
    operation.connection = static_cast<std::uint32_t>(operation.id);  // messages overtake each other
    operation.invoked = world_.now();
    auto attempt =
        std::make_shared<Attempt>(Attempt{client, operations_.size(), {}, {}, kTries, false, false});
    attempt->words = choose(client, operation);
    if (!is_read(operation.kind)) attempt->noise = choose_noise(client);
    operations_.push_back(operation);
    ++open_;
    send(attempt);
    world_.after(milliseconds(group_.plan().patience_ms), [this, attempt] { give_up(attempt); });
  });
}

Words RaftClients::choose(Client& client, Operation& operation) {
  SimRng& rng = client.rng;
  const auto key = rng.below(group_.plan().keys);
  const bool reads = rng.percent(client.reads_percent);
  const std::string value = fmt::format("v{}.", operation.id);
  const auto take = [&](OpKind kind, const char* name, bool with_argument = false) {
    operation.kind = kind;
    if (!with_argument) return Words{name, operation.key};
    operation.argument = value;
    return Words{name, operation.key, value};
  };
  if (key % 3 == 0) {
    operation.key = fmt::format("list:{}", key);
    if (reads && rng.percent(40)) return take(OpKind::kLLen, "LLEN");
    if (reads) {
      Words words = take(OpKind::kLRange, "LRANGE");
      words.insert(words.end(), {"0", "-1"});
      return words;
    }
    switch (rng.below(4)) {
      case 0:
        return take(OpKind::kRPush, "RPUSH", true);
      case 1:
        return take(OpKind::kLPush, "LPUSH", true);
      case 2:
        return take(OpKind::kLPop, "LPOP");
      default:
        return take(OpKind::kRPop, "RPOP");
    }
  }
  if (key % 3 == 1) {
    operation.key = fmt::format("number:{}", key);
    return reads ? take(OpKind::kGet, "GET") : take(OpKind::kIncr, "INCR");
  }
  operation.key = fmt::format("text:{}", key);
  if (reads) return rng.percent(80) ? take(OpKind::kGet, "GET") : take(OpKind::kStrlen, "STRLEN");
  switch (rng.below(6)) {
    case 0:
      return take(OpKind::kGetSet, "GETSET", true);
    case 1:
      return take(OpKind::kSetNx, "SETNX", true);
    case 2:
      return take(OpKind::kDel, "DEL");
    default:
      return take(OpKind::kSet, "SET", true);
  }
}

// Keys that no history is of: all types, deadlines, random picks; what these do must be the same everywhere.
std::vector<Words> RaftClients::choose_noise(Client& client) {
  SimRng& rng = client.rng;
  std::vector<Words> noise;
  for (std::uint64_t left = rng.below(3); left > 0; --left) {
    const std::string key = fmt::format("noise:{}", rng.below(30));
    const std::string member = fmt::format("m{}", rng.below(12));
    switch (rng.below(12)) {
      case 0:
        noise.push_back(
            {"SET", key, std::string(rng.below(300), 'x'), "PX", std::to_string(1 + rng.below(2000))});
        break;
      case 1:
        noise.push_back({"SADD", key, member, std::to_string(rng.below(9))});
        break;
      case 2:
        noise.push_back({"SPOP", key});
        break;
      case 3:
        noise.push_back({"ZADD", key, std::to_string(rng.below(9)), member});
        break;
      case 4:
        noise.push_back({"HSET", key, member, std::to_string(rng.below(1000))});
        break;
      case 5:
        noise.push_back({"HINCRBY", key, member, "3"});
        break;
      case 6:
        noise.push_back({"PEXPIRE", key, std::to_string(1 + rng.below(1500))});
        break;
      case 7:
        noise.push_back({"RENAME", key, fmt::format("noise:{}", rng.below(30))});
        break;
      case 8:
        noise.push_back({"DEL", key});
        break;
      case 9:
        noise.push_back({"APPEND", key, std::string(rng.below(200), 'y')});
        break;
      case 10:
        noise.push_back({"RPUSH", key, member, std::string(rng.below(100), 'z')});
        break;
      default:
        noise.push_back({"ZPOPMIN", key});
        break;
    }
  }
  return noise;
}

// --- messages ---

void RaftClients::send(const Ptr& attempt) {
  RaftSeat& seat = *group_.seats()[attempt->client.seat];
  world_.after(delay(attempt->client), [this, attempt, &seat] { arrive(attempt, seat); });
}

void RaftClients::arrive(const Ptr& attempt, RaftSeat& seat) {
  if (attempt->ended) return;
  if (!seat.running()) {
    // Its kernel refuses the connection.
    return world_.after(delay(attempt->client),
                        [this, attempt, at = seat.number()] { on_refused(attempt, at + 1); });
  }
  const bool reads = is_read(operations_[attempt->operation].kind);
  world_.enter(seat.loop(), EventKind::kData, attempt->operation, {}, [this, attempt, &seat, reads] {
    if (!seat.running()) return;
    reads ? serve_read(attempt, seat) : serve_write(attempt, seat);
  });
}

void RaftClients::answer(const Ptr& attempt, std::function<void()> at_client) {
  world_.after(delay(attempt->client), std::move(at_client));
}

std::uint32_t RaftClients::hint_of(const RaftSeat& seat) const {
  const auto leader = seat.core() != nullptr ? seat.core()->leader() : std::nullopt;
  const RaftSeat* found = leader ? group_.seat_of(*leader) : nullptr;
  return found != nullptr && found != &seat ? found->number() : seat.number() + 1;
}

void RaftClients::serve_read(const Ptr& attempt, RaftSeat& seat) {
  seat.driver().read([this, attempt, &seat](bool may) {
    if (!may) {
      return answer(attempt, [this, attempt, hint = hint_of(seat)] { on_refused(attempt, hint); });
    }
    answer(attempt, [this, attempt, reply = seat.machine().read(attempt->words)] {
      end(attempt, Outcome::kDone, reply);
    });
  });
}

void RaftClients::serve_write(const Ptr& attempt, RaftSeat& seat) {
  Client& client = attempt->client;
  // Each try is a proposal of its own: a refused one is said never to happen.
  const std::uint64_t number =
      operations_[attempt->operation].id * 16 + static_cast<std::uint64_t>(attempt->tries_left);
  Proposal proposal{seat.loop().wall_ms(), client.rng.next(), client.number, number, {attempt->words}};
  proposal.commands.insert(proposal.commands.end(), attempt->noise.begin(), attempt->noise.end());
  seat.machine().expect(client.number, number);
  seat.driver().propose(encode(proposal), [this, attempt, &seat, number](raft_io::ProposalEnd end_of_it,
                                                                         const std::string& /*why*/) {
    const std::uint32_t who = attempt->client.number;
    auto replies = seat.machine().take_replies(who, number);
    switch (end_of_it) {
      case raft_io::ProposalEnd::kApplied:
        group_.watch().done(who, number);
        INVARIANT(!replies.empty());
        return answer(attempt,
                      [this, attempt, reply = replies.front()] { end(attempt, Outcome::kDone, reply); });
      case raft_io::ProposalEnd::kRefused:
        group_.watch().never(who, number, "refused");
        return answer(attempt, [this, attempt, hint = hint_of(seat)] { on_refused(attempt, hint); });
      case raft_io::ProposalEnd::kReplaced:
        group_.watch().never(who, number, "replaced");
        return answer(attempt, [this, attempt, hint = hint_of(seat)] { on_refused(attempt, hint); });
      case raft_io::ProposalEnd::kUnknown:
        return answer(attempt, [this, attempt] { end(attempt, Outcome::kUnknown, {}); });
    }
  });
}

void RaftClients::on_refused(const Ptr& attempt, std::uint32_t hint) {
  if (attempt->ended) return;
  if (attempt->given_up) return end(attempt, Outcome::kNot, {});
  Client& client = attempt->client;
  const bool lost = client.rng.percent(20);
  client.seat = lost ? static_cast<std::uint32_t>(client.rng.below(group_.seats().size()))
                     : hint % static_cast<std::uint32_t>(group_.seats().size());
  if (--attempt->tries_left <= 0) return end(attempt, Outcome::kNot, {});
  world_.after(kRetryPause, [this, attempt] {
    if (attempt->given_up) return end(attempt, Outcome::kNot, {});
    if (!attempt->ended) send(attempt);
  });
}

void RaftClients::give_up(const Ptr& attempt) {
  if (attempt->ended) return;
  attempt->given_up = true;
  // Whoever did not answer may be somebody who leads no more.
  attempt->client.seat = static_cast<std::uint32_t>(attempt->client.rng.below(group_.seats().size()));
  ++unknown_;
  --open_;
  next(attempt->client);
}

void RaftClients::end(const Ptr& attempt, Outcome outcome, const std::string& reply) {
  if (std::exchange(attempt->ended, true)) return;
  Operation& operation = operations_[attempt->operation];
  operation.outcome = outcome;
  if (outcome == Outcome::kDone) {
    operation.returned = world_.now();
    if (operation.kind != OpKind::kSet) operation.seen = observed(reply);
  }
  if (attempt->given_up) return;
  (outcome == Outcome::kDone ? done_ : outcome == Outcome::kUnknown ? unknown_ : refused_) += 1;
  --open_;
  next(attempt->client);
}

}  // namespace ringhold::sim
