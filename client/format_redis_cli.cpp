#include "client/format_redis_cli.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/text.h"

namespace ringhold::client {

namespace {

using Kind = ReplyValue::Kind;

std::string_view empty_aggregate(Kind kind) {
  switch (kind) {
    case Kind::kMap:
      return "(empty hash)\n";
    case Kind::kSet:
      return "(empty set)\n";
    case Kind::kPush:
      return "(empty push)\n";
    default:
      return "(empty array)\n";
  }
}

char index_mark(Kind kind) {
  if (kind == Kind::kSet) return '~';
  return kind == Kind::kMap ? '#' : ')';
}

// `prefix` is what stands in front of every line but the first, which the caller has begun.
void append_for_terminal(std::string& out, const ReplyValue& reply, const std::string& prefix);

// An aggregate of several lines begins below its key.
void append_map_value(std::string& out, const ReplyValue& value, const std::string& prefix) {
  const std::size_t begin = out.size();
  append_for_terminal(out, value, prefix);
  const bool several_lines = out.find('\n', begin) + 1 < out.size();
  if (!value.elements.empty() && several_lines) out.insert(begin, "\n" + prefix);
}

void append_aggregate(std::string& out, const ReplyValue& reply, const std::string& prefix) {
  if (reply.elements.empty()) {
    out += empty_aggregate(reply.kind);
    return;
  }
  const std::size_t step = reply.kind == Kind::kMap ? 2 : 1;
  const std::size_t width = std::to_string(reply.elements.size() / step).size();
  const std::string inner = prefix + std::string(width + 2, ' ');
  for (std::size_t i = 0; i + step <= reply.elements.size(); i += step) {
    fmt::format_to(std::back_inserter(out), "{}{:>{}}{} ", i == 0 ? "" : prefix, i / step + 1, width,
                   index_mark(reply.kind));
    append_for_terminal(out, reply.elements[i], inner);
    if (reply.kind != Kind::kMap) continue;
    out.pop_back();  // the newline behind the key
    out += " => ";
    append_map_value(out, reply.elements[i + 1], inner);
  }
}

void append_for_terminal(std::string& out, const ReplyValue& reply, const std::string& prefix) {
  switch (reply.kind) {
    case Kind::kSimple:
    case Kind::kVerbatim:
    case Kind::kBigNumber:
      out += reply.text + "\n";
      return;
    case Kind::kError:
      out += "(error) " + reply.text + "\n";
      return;
    case Kind::kInteger:
      fmt::format_to(std::back_inserter(out), "(integer) {}\n", reply.integer);
      return;
    case Kind::kDouble:
      out += "(double) " + reply.text + "\n";
      return;
    case Kind::kBulk:
      out += quoted(reply.text) + "\n";
      return;
    case Kind::kNull:
    case Kind::kNullArray:
      out += "(nil)\n";
      return;
    case Kind::kBoolean:
      out += reply.integer != 0 ? "(true)\n" : "(false)\n";
      return;
    case Kind::kArray:
    case Kind::kMap:
    case Kind::kSet:
    case Kind::kPush:
      append_aggregate(out, reply, prefix);
      return;
  }
}

void append_raw(std::string& out, const ReplyValue& reply) {
  switch (reply.kind) {
    case Kind::kNull:
    case Kind::kNullArray:
      return;
    case Kind::kError:
      out += reply.text + "\n";
      return;
    case Kind::kInteger:
      fmt::format_to(std::back_inserter(out), "{}", reply.integer);
      return;
    case Kind::kBoolean:
      out += reply.integer != 0 ? "(true)" : "(false)";
      return;
    case Kind::kArray:
    case Kind::kMap:
    case Kind::kSet:
    case Kind::kPush:
      for (std::size_t i = 0; i < reply.elements.size(); ++i) {
        const bool value_of_map = reply.kind == Kind::kMap && i % 2 == 1;
        if (i > 0) out += value_of_map ? ' ' : '\n';
        append_raw(out, reply.elements[i]);
      }
      return;
    default:
      out += reply.text;
  }
}

// The commands, or their beginnings, whose replies redis-cli prints as they are; then Ringhold's own.
struct TextCommand {
  std::string_view command;
  std::string_view subcommand;  // empty: any arguments
  std::size_t args;             // 0: any number
};
constexpr TextCommand kTextCommands[] = {
    {"info", "", 0},          {"lolwut", "", 0},       {"debug", "htstats", 0}, {"debug", "htstats-key", 0},
    {"memory", "doctor", 0},  {"cluster", "nodes", 2}, {"cluster", "info", 2},  {"memory", "malloc-stats", 0},
    {"client", "list", 0},    {"client", "info", 0},   {"latency", "graph", 3}, {"latency", "doctor", 2},
    {"cluster", "status", 2},
};

}  // namespace

std::string format_for_terminal(const ReplyValue& reply) {
  std::string out;
  append_for_terminal(out, reply, "");
  return out;
}

std::string format_raw(const ReplyValue& reply) {
  std::string out;
  append_raw(out, reply);
  return out;
}

bool replies_with_text(std::span<const std::string> args) {
  return std::any_of(std::begin(kTextCommands), std::end(kTextCommands), [args](const TextCommand& text) {
    if (args.empty() || !equals_ignore_case(args[0], text.command)) return false;
    if (text.args != 0 && args.size() != text.args) return false;
    return text.subcommand.empty() || (args.size() > 1 && equals_ignore_case(args[1], text.subcommand));
  });
}

std::string quoted(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::string_view kEscaped = "\\\"\n\r\t\a\b";
  constexpr std::string_view kLetters = "\\\"nrtab";
  std::string out = "\"";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (const auto at = kEscaped.find(c); at != std::string_view::npos) {
      out += '\\';
      out += kLetters[at];
    } else if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += "\\x";
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xfU];
    }
  }
  out += '"';
  return out;
}

}  // namespace ringhold::client
