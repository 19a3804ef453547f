#include "tests/golden/golden_session.h"

#include <fmt/core.h>

#include "client/format_redis_cli.h"
#include "common/base/text.h"
#include "common/command/command_table.h"
#include "common/resp/reply_parser.h"
#include "common/resp/split_arguments.h"
#include "dataserver/commands/handler.h"

namespace ringhold::golden {

std::string Session::run(std::string_view line) {
  if (line.starts_with('@')) return run_directive(line);
  std::string storage;
  std::vector<std::string_view> args;
  if (!split_arguments(line, storage, args)) return "-golden: unbalanced quotes\r\n";
  if (args.empty()) return {};
  ByteBuffer out;
  ReplyWriter reply(out, version_);
  execute(args, reply);
  return std::string(out.view());
}

void Session::execute(std::vector<std::string_view> args, ReplyWriter& reply) {
  const CommandLookup found = find_command(args);
  if (found.row == nullptr) return reply.error(found.error);
  const CommandRow* row = found.row;
  if (!row->rewrite.empty()) {
    std::vector<std::string_view> rewritten;
    rewrite_short_form(*row, args, rewritten);
    args = rewritten;
    row = find_command(args).row;
  }
  const Handler handler = store_handler(row->id);
  if (handler == nullptr) return reply.error("golden: not a store command");
  CommandContext context{args, reply, store_, now_, ++commands_, clustered_};
  handler(context);
}

// Empty, or what is wrong with the line, as an error reply.
std::string Session::run_directive(std::string_view line) {
  const std::size_t blank = line.find(' ');
  const std::string_view name = line.substr(0, blank);
  const auto value = parse_int64(blank == std::string_view::npos ? "" : line.substr(blank + 1));
  if (name == "@ringhold") return {};  // for tests/differential: what follows is ours alone
  if (name == "@expire") {
    while (store_.expire_slice(now_, 100).more) {
    }
    return {};
  }
  if (value && apply_setting(name, *value)) return {};
  return fmt::format("-golden: bad directive {}\r\n", line);
}

bool Session::apply_setting(std::string_view name, std::int64_t value) {
  if (name == "@clustered") {
    clustered_ = value == 1;
  } else if (name == "@resp") {
    version_ = value == 3 ? RespVersion::k3 : RespVersion::k2;
  } else if (name == "@now") {
    now_ = value;
  } else if (name == "@advance") {
    now_ += value;
  } else if (name == "@value-bytes-max") {
    store_.set_value_bytes_max(static_cast<std::uint64_t>(value));
  } else {
    return false;
  }
  return true;
}

std::vector<std::string> printed_lines(const std::string& reply) {
  ReplyParser parser;
  if (parser.next(reply) != ReplyParser::Status::kReply || parser.consumed() != reply.size()) {
    return {"golden: not exactly one reply: " + printable(reply, reply.size())};
  }
  std::string text = client::format_for_terminal(decode_reply(reply).value());
  std::vector<std::string> lines;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
    lines.push_back(text.substr(0, end));
    text.erase(0, end + 1);
  }
  return lines;
}

}  // namespace ringhold::golden
