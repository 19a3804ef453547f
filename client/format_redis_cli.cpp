#include "client/format_redis_cli.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/characters.h"
#include "client/text_table.h"
#include "common/base/limits.h"
#include "common/base/text.h"

namespace ringhold::client {

namespace {

using Kind = ReplyValue::Kind;

std::string_view empty_aggregate(Kind kind) {
  switch (kind) {
    case Kind::kMap:
      return "(empty hash)";
    case Kind::kSet:
      return "(empty set)";
    case Kind::kPush:
      return "(empty push)";
    default:
      return "(empty array)";
  }
}

char index_mark(Kind kind) {
  if (kind == Kind::kSet) return '~';
  return kind == Kind::kMap ? '#' : ')';
}

constexpr std::size_t kPieceBytes = 32 * limits::kKiB;

// Writes one reply. Pieces are handed out between the elements of the outermost list.
class Writer {
 public:
  Writer(Style style, const Sink& sink) : style_(style), sink_(sink) {}

  bool write(const ReplyValue& reply) {
    append(reply, "");
    return !stopped_ && hand_out();
  }

 private:
  bool hand_out() {
    stopped_ = stopped_ || !sink_(out_);
    out_.clear();
    return !stopped_;
  }

  // Of one reply, and of the number in front of it.
  Colour colour_of(const ReplyValue& reply) const {
    if (!style_.colours) return Colour::kNone;
    switch (reply.kind) {
      case Kind::kError:
        return Colour::kRed;
      case Kind::kInteger:
      case Kind::kDouble:
      case Kind::kBoolean:
        return Colour::kCyan;
      case Kind::kNull:
      case Kind::kNullArray:
        return Colour::kDim;
      case Kind::kSimple:
        return reply.text == "OK" ? Colour::kGreen : Colour::kNone;
      default:
        return Colour::kNone;
    }
  }

  std::string text_of(const ReplyValue& reply) const {
    switch (reply.kind) {
      case Kind::kError:
        return "(error) " + reply.text;
      case Kind::kInteger:
        return fmt::format("(integer) {}", reply.integer);
      case Kind::kDouble:
        return "(double) " + reply.text;
      case Kind::kBulk:
        return quoted(reply.text, style_.unicode_values);
      case Kind::kNull:
      case Kind::kNullArray:
        return "(nil)";
      case Kind::kBoolean:
        return reply.integer != 0 ? "(true)" : "(false)";
      default:
        return reply.text;
    }
  }

  static bool is_aggregate(const ReplyValue& reply) {
    return reply.kind == Kind::kArray || reply.kind == Kind::kMap || reply.kind == Kind::kSet ||
           reply.kind == Kind::kPush;
  }

  // `prefix` is what stands in front of every line but the first, `number` what stands in front of that.
  void append(const ReplyValue& reply, const std::string& prefix, const std::string& number = "") {
    if (is_aggregate(reply)) {
      out_ += number;
      append_aggregate(reply, prefix);
      return;
    }
    out_ += coloured(number + text_of(reply), colour_of(reply));
    out_ += '\n';
  }

  void append_aggregate(const ReplyValue& reply, const std::string& prefix) {
    if (reply.elements.empty()) {
      out_ += empty_aggregate(reply.kind);
      out_ += '\n';
      return;
    }
    const bool outermost = std::exchange(depth_, depth_ + 1) == 0;
    const std::size_t step = reply.kind == Kind::kMap ? 2 : 1;
    const std::size_t width = std::to_string(reply.elements.size() / step).size();
    const std::string inner = prefix + std::string(width + 2, ' ');
    for (std::size_t i = 0; i + step <= reply.elements.size() && !stopped_; i += step) {
      if (outermost && out_.size() >= kPieceBytes && !hand_out()) break;
      if (i > 0) out_ += prefix;
      const std::string number = fmt::format("{:>{}}{} ", i / step + 1, width, index_mark(reply.kind));
      append(reply.elements[i], inner, number);
      if (reply.kind != Kind::kMap) continue;
      out_.pop_back();  // the newline behind the key
      out_ += " => ";
      append_map_value(reply.elements[i + 1], inner);
    }
    --depth_;
  }

  // An aggregate of several lines begins below its key.
  void append_map_value(const ReplyValue& value, const std::string& prefix) {
    const std::size_t begin = out_.size();
    append(value, prefix);
    const bool several_lines = out_.find('\n', begin) + 1 < out_.size();
    if (!value.elements.empty() && several_lines) out_.insert(begin, "\n" + prefix);
  }

  Style style_;
  const Sink& sink_;
  std::string out_;
  int depth_ = 0;
  bool stopped_ = false;
};

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

// The bytes of the character at the front if a terminal may have it as it is, else 0.
std::size_t shown_bytes(std::string_view bytes) {
  const CodePoint first = first_code_point(bytes);
  return first.valid && is_shown(first.value) ? first.bytes : 0;
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

bool write_for_terminal(const ReplyValue& reply, Style style, const Sink& sink) {
  return Writer(style, sink).write(reply);
}

std::string format_for_terminal(const ReplyValue& reply, Style style) {
  std::string out;
  write_for_terminal(reply, style, [&out](std::string_view piece) {
    out += piece;
    return true;
  });
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

std::string quoted(std::string_view bytes, bool unicode) {
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::string_view kEscaped = "\\\"\n\r\t\a\b";
  constexpr std::string_view kLetters = "\\\"nrtab";
  std::string out = "\"";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    const auto byte = static_cast<unsigned char>(c);
    if (const auto at = kEscaped.find(c); at != std::string_view::npos) {
      out += '\\';
      out += kLetters[at];
    } else if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else if (const std::size_t size = unicode && byte >= 0x80 ? shown_bytes(bytes.substr(i)) : 0;
               size > 0) {
      out += bytes.substr(i, size);
      i += size - 1;
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
