// A client connection for tests: sends a command through the table to its handler, and shows the reply.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/resp/reply_parser.h"
#include "common/session/connection_commands.h"

namespace ringhold {

class Connection {
 public:
  explicit Connection(std::string_view passwords = {}, Role role = Role::kClient)
      : authenticator_(std::move(*Authenticator::parse(passwords))) {
    client.id = 7;
    client.address = {"10.0.0.1", 5000};
    client.local_address = {"10.0.0.2", 9443};
    client.certificate_role = client.role = role;
  }

  // The reply's bytes, with a blank for each CRLF: "$-1 ", "*1 $1 a ".
  std::string send(const std::vector<std::string_view>& args) {
    const CommandLookup found = find_command(args);
    if (found.row == nullptr) return "-" + found.error + " ";
    REQUIRE(found.row->routing == Routing::kConnection);
    ByteBuffer out;
    ReplyWriter reply(out, client.version);
    ConnectionContext context{*found.row, args, reply, client, authenticator_, identity, now};
    execute_connection_command(context);
    client.last_command = found.row;
    bytes = out.view();
    std::string shown;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const bool line_end = bytes[i] == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n';
      shown += line_end ? ' ' : bytes[i];
      if (line_end) ++i;
    }
    return shown;
  }

  // The reply as a tree; it must be exactly one.
  ReplyValue ask(const std::vector<std::string_view>& args) {
    send(args);
    ReplyParser parser;
    REQUIRE(parser.next(bytes) == ReplyParser::Status::kReply);
    REQUIRE(parser.consumed() == bytes.size());
    Result<ReplyValue> value = decode_reply(bytes);
    REQUIRE(value.ok());
    return std::move(*value);
  }

  ClientState client;
  ServerIdentity identity;
  MonoTime now{};
  std::string bytes;  // of the last reply

 private:
  Authenticator authenticator_;
};

// The value under `key` of a map, or of an array of keys and values as RESP2 has it; a null if there is none.
inline ReplyValue field(const ReplyValue& map, std::string_view key) {
  for (std::size_t i = 0; i + 1 < map.elements.size(); i += 2) {
    if (map.elements[i].text == key) return map.elements[i + 1];
  }
  return {};
}

inline std::vector<std::string> texts(const ReplyValue& value) {
  std::vector<std::string> all;
  for (const ReplyValue& element : value.elements) all.push_back(element.text);
  return all;
}

}  // namespace ringhold
