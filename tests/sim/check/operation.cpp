#include "tests/sim/check/operation.h"

#include <fmt/format.h>

#include <array>

#include "common/base/text.h"

namespace ringhold::sim {

const char* op_name(OpKind kind) {
  static constexpr std::array kNames = {"GET",   "STRLEN", "EXISTS", "SET",    "SETNX",   "GETSET",
                                        "INCR",  "APPEND", "DEL",    "EXPIRE", "PERSIST", "RPUSH",
                                        "LPUSH", "LPOP",   "RPOP",   "LLEN",   "LRANGE"};
  return kNames[static_cast<std::size_t>(kind)];
}

namespace {

double seconds_of(MonoTime time) {
  return static_cast<double>(time.time_since_epoch().count()) / 1e6 - 1000;
}

std::string text_of(const Operation& operation) {
  if (operation.outcome == Outcome::kUnknown) return "unknown";
  if (operation.outcome == Outcome::kNot) return "not done";
  switch (operation.seen.kind) {
    case Observation::Kind::kNothing:
      return "done";
    case Observation::Kind::kText:
      return fmt::format("'{}'", printable(operation.seen.text, 200));
    case Observation::Kind::kNil:
      return "nil";
    case Observation::Kind::kNumber:
      return std::to_string(operation.seen.number);
    case Observation::Kind::kNotANumber:
      return "not a number";
    case Observation::Kind::kItems:
      return operation.seen.items.describe();
    case Observation::Kind::kWrongType:
      return "wrong type";
  }
  return {};
}

}  // namespace

std::string describe(const Operation& operation) {
  const std::string argument =
      operation.argument.empty() ? "" : fmt::format(" '{}'", printable(operation.argument, 60));
  const std::string returned =
      operation.returned == MonoTime::max() ? "never" : fmt::format("{:.6f}", seconds_of(operation.returned));
  return fmt::format("{:.6f}..{:<10} c{:<3} to {:<3} #{:<5} {} {}{} -> {}", seconds_of(operation.invoked),
                     returned, operation.connection, operation.front, operation.id, op_name(operation.kind),
                     operation.key, argument, text_of(operation));
}

}  // namespace ringhold::sim
