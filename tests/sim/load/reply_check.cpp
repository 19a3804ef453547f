#include "tests/sim/load/reply_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "common/base/text.h"

namespace ringhold::sim {

namespace {

using Kind = ReplyValue::Kind;

constexpr std::string_view kNotANumber = "ERR value is not an integer or out of range";

std::optional<Observation> text_or_nil(const ReplyValue& reply) {
  if (reply.kind == Kind::kNull) return Observation{Observation::Kind::kNil, {}, 0};
  if (reply.kind == Kind::kBulk) return Observation{Observation::Kind::kText, reply.text, 0};
  return std::nullopt;
}

bool all_text(const std::vector<ReplyValue>& list) {
  return std::all_of(list.begin(), list.end(), [](const ReplyValue& v) { return v.kind == Kind::kBulk; });
}

bool fits_integer(SimCommand& command, const ReplyValue& reply) {
  if (reply.kind != Kind::kInteger || reply.integer < 0) return false;
  auto& operations = command.operations;
  const Observation number{Observation::Kind::kNumber, {}, reply.integer};
  if (operations.size() == 1) {
    operations[0].seen = number;
    return true;
  }
  // DEL of several keys: only none and all say something about each.
  const auto all = static_cast<std::int64_t>(operations.size());
  if (!operations.empty() && reply.integer > all) return false;
  for (Operation& op : operations) {
    if (reply.integer == 0) op.seen = {Observation::Kind::kNumber, {}, 0};
    if (reply.integer == all) op.seen = {Observation::Kind::kNumber, {}, 1};
  }
  return true;
}

bool fits_texts(SimCommand& command, const ReplyValue& reply) {
  if (reply.kind != Kind::kArray || reply.elements.size() != command.operations.size()) return false;
  for (std::size_t i = 0; i < reply.elements.size(); ++i) {
    const auto seen = text_or_nil(reply.elements[i]);
    if (!seen) return false;
    command.operations[i].seen = *seen;
  }
  return true;
}

bool fits(SimCommand& command, const ReplyValue& reply) {
  switch (command.shape) {
    case ReplyShape::kAny:
      return true;
    case ReplyShape::kEcho:
      return reply.kind == Kind::kBulk && reply.text == command.echo;
    case ReplyShape::kOk:
      return reply.kind == Kind::kSimple && reply.text == "OK";
    case ReplyShape::kInteger:
      return fits_integer(command, reply);
    case ReplyShape::kIncr:
      if (reply.is_error()) command.operations[0].seen.kind = Observation::Kind::kNotANumber;
      return reply.is_error() || fits_integer(command, reply);
    case ReplyShape::kTextOrNil: {
      const auto seen = text_or_nil(reply);
      if (seen) command.operations[0].seen = *seen;
      return seen.has_value();
    }
    case ReplyShape::kTextsOrNils:
      return fits_texts(command, reply);
    case ReplyShape::kKeys:
      return reply.kind == Kind::kArray && all_text(reply.elements);
    case ReplyShape::kScan:
      return reply.kind == Kind::kArray && reply.elements.size() == 2 &&
             reply.elements[0].kind == Kind::kBulk && parse_uint64(reply.elements[0].text) &&
             reply.elements[1].kind == Kind::kArray && all_text(reply.elements[1].elements);
  }
  return false;
}

}  // namespace

bool leaves_outcome_open(const std::string& error) {
  return error.starts_with("UNCERTAIN");
}

Judgement judge_reply(SimCommand& command, const ReplyValue& reply) {
  const bool about_the_value = command.shape == ReplyShape::kIncr && reply.text == kNotANumber;
  if (reply.is_error() && !about_the_value) {
    // Of a command over several keys, some parts may have been done: then all is open.
    const bool open = leaves_outcome_open(reply.text) || command.operations.size() > 1;
    for (Operation& op : command.operations) op.outcome = open ? Outcome::kUnknown : Outcome::kNot;
    const bool echo = command.shape == ReplyShape::kEcho;
    return {echo ? Judgement::Kind::kNonsense : Judgement::Kind::kError, reply.text};
  }
  if (!fits(command, reply)) {
    return {Judgement::Kind::kNonsense,
            fmt::format("{} was answered by {}", describe(command), describe(reply))};
  }
  for (Operation& op : command.operations) op.outcome = Outcome::kDone;
  return {};
}

std::string describe(const ReplyValue& reply) {
  switch (reply.kind) {
    case Kind::kSimple:
      return "+" + printable(reply.text);
    case Kind::kError:
      return "-" + printable(reply.text, 200);
    case Kind::kInteger:
      return fmt::format(":{}", reply.integer);
    case Kind::kNull:
      return "nil";
    case Kind::kNullArray:
      return "nil array";
    case Kind::kArray:
    case Kind::kMap:
    case Kind::kSet:
    case Kind::kPush: {
      std::string text = fmt::format("{} elements [", reply.elements.size());
      for (std::size_t i = 0; i < reply.elements.size() && i < 6; ++i)
        text += describe(reply.elements[i]) + " ";
      return text + "]";
    }
    default:
      return fmt::format("'{}'", printable(reply.text));
  }
}

std::string describe(const SimCommand& command) {
  std::string text;
  for (const std::string& arg : command.args) text += (text.empty() ? "" : " ") + printable(arg, 40);
  return text;
}

}  // namespace ringhold::sim
