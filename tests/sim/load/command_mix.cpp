#include "tests/sim/load/command_mix.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ringhold::sim {

namespace {

Operation operation(OpKind kind, std::string key, std::string argument = {}) {
  Operation op;
  op.kind = kind;
  op.key = std::move(key);
  op.argument = std::move(argument);
  return op;
}

SimCommand on_key(std::vector<std::string> args, ReplyShape shape, OpKind kind, std::string argument = {}) {
  const std::string key = args[1];
  return {std::move(args), shape, {}, {operation(kind, key, std::move(argument))}};
}

}  // namespace

std::vector<std::string> all_keys(const KeySpace& space) {
  std::vector<std::string> keys;
  for (std::uint64_t i = 0; i < space.strings; ++i) keys.push_back(fmt::format("s{}", i));
  for (std::uint64_t i = 0; i < space.counters; ++i) keys.push_back(fmt::format("n{}", i));
  for (std::uint64_t i = 0; i < space.tagged; ++i) {
    for (const char letter : {'a', 'b'}) keys.push_back(fmt::format("{{t{}}}{}", i, letter));
  }
  return keys;
}

SimCommand mget(const std::vector<std::string>& keys) {
  SimCommand command{{"MGET"}, ReplyShape::kTextsOrNils, {}, {}};
  for (const std::string& key : keys) {
    command.args.push_back(key);
    command.operations.push_back(operation(OpKind::kGet, key));
  }
  return command;
}

SimCommand CommandMix::next(std::uint64_t unique) {
  const std::uint64_t roll = rng_.below(100);
  if (roll < 15) return echo(unique);
  if (roll < 40 && space_.counters > 0) return on_counter(unique);
  if (roll < 88) return on_string(unique);
  if (roll < 97) return on_several(unique);
  return on_all();
}

std::string CommandMix::string_key() {
  if (rng_.percent(space_.hot_percent)) return "s0";
  const std::uint64_t pick = rng_.below(space_.strings + 2 * space_.tagged);
  if (pick < space_.strings) return fmt::format("s{}", pick);
  const std::uint64_t tagged = pick - space_.strings;
  return fmt::format("{{t{}}}{}", tagged / 2, tagged % 2 == 0 ? 'a' : 'b');
}

std::string CommandMix::counter_key() {
  return fmt::format("n{}", rng_.percent(space_.hot_percent) ? 0 : rng_.below(space_.counters));
}

// The dot ends it, so that none is a prefix of another.
std::string CommandMix::value(char letter, std::uint64_t unique) {
  std::string text = fmt::format("{}{}.", letter, unique);
  if (rng_.percent(space_.big_percent)) text.append(rng_.below(20000), 'x');
  return text;
}

SimCommand CommandMix::echo(std::uint64_t unique) {
  const std::string text = fmt::format("e{}", unique);
  return {{rng_.one_in(2) ? "PING" : "ECHO", text}, ReplyShape::kEcho, text, {}};
}

SimCommand CommandMix::on_counter(std::uint64_t unique) {
  const std::string key = counter_key();
  const std::uint64_t roll = rng_.below(100);
  if (roll < 65) return on_key({"INCR", key}, ReplyShape::kIncr, OpKind::kIncr);
  if (roll < 92) return on_key({"GET", key}, ReplyShape::kTextOrNil, OpKind::kGet);
  if (roll < 96) return on_key({"DEL", key}, ReplyShape::kInteger, OpKind::kDel);
  const std::string text = value('v', unique);  // INCR fails until it is deleted
  if (roll < 97) return on_key({"SET", key, text}, ReplyShape::kOk, OpKind::kSet, text);
  return on_key({"EXISTS", key}, ReplyShape::kInteger, OpKind::kExists);
}

SimCommand CommandMix::on_string(std::uint64_t unique) {
  const std::string key = string_key();
  const std::uint64_t roll = rng_.below(100);
  if (roll < 35) return on_key({"GET", key}, ReplyShape::kTextOrNil, OpKind::kGet);
  if (roll < 56) {
    const std::string text = value('v', unique);
    return on_key({"SET", key, text}, ReplyShape::kOk, OpKind::kSet, text);
  }
  if (roll < 70) {
    const std::string text = fmt::format("a{}.", unique);
    return on_key({"APPEND", key, text}, ReplyShape::kInteger, OpKind::kAppend, text);
  }
  if (roll < 78) {
    const std::string text = value('g', unique);
    return on_key({"GETSET", key, text}, ReplyShape::kTextOrNil, OpKind::kGetSet, text);
  }
  if (roll < 84) {
    const std::string text = value('x', unique);
    return on_key({"SETNX", key, text}, ReplyShape::kInteger, OpKind::kSetNx, text);
  }
  if (roll < 92) return on_key({"DEL", key}, ReplyShape::kInteger, OpKind::kDel);
  if (roll < 94) return on_key({"STRLEN", key}, ReplyShape::kInteger, OpKind::kStrlen);
  if (roll < 96) return on_key({"EXPIRE", key, "100000"}, ReplyShape::kInteger, OpKind::kExpire);
  if (roll < 98) return on_key({"PERSIST", key}, ReplyShape::kInteger, OpKind::kPersist);
  return on_key({"INCR", key}, ReplyShape::kIncr, OpKind::kIncr);
}

SimCommand CommandMix::on_several(std::uint64_t unique) {
  std::vector<std::string> keys;
  for (std::uint64_t i = rng_.below(4) + 1; i > 0; --i) {
    std::string key = rng_.one_in(4) ? counter_key() : string_key();
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(std::move(key));
  }
  SimCommand command;
  switch (rng_.below(3)) {
    case 0:
      return mget(keys);
    case 1:
      command.args = {"DEL"};
      command.shape = ReplyShape::kInteger;
      for (const std::string& key : keys) command.operations.push_back(operation(OpKind::kDel, key));
      break;
    default:
      command.args = {"MSET"};
      command.shape = ReplyShape::kOk;
      for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::string text = fmt::format("m{}-{}.", unique, i);
        command.operations.push_back(operation(OpKind::kSet, keys[i], text));
      }
  }
  for (const Operation& op : command.operations) {
    command.args.push_back(op.key);
    if (op.kind == OpKind::kSet) command.args.push_back(op.argument);
  }
  return command;
}

SimCommand CommandMix::on_all() {
  switch (rng_.below(3)) {
    case 0:
      return {{"DBSIZE"}, ReplyShape::kInteger, {}, {}};
    case 1:
      return {{"KEYS", "*"}, ReplyShape::kKeys, {}, {}};
    default:
      return {{"SCAN", "0", "COUNT", "5"}, ReplyShape::kScan, {}, {}};
  }
}

}  // namespace ringhold::sim
