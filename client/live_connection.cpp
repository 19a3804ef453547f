#include "client/live_connection.h"

#include <fmt/core.h>

#include <utility>
#include <vector>

#include "common/base/text.h"

namespace ringhold::client {

namespace {

bool is(const std::string& arg, std::string_view word) {
  return equals_ignore_case(arg, word);
}

}  // namespace

Result<void> LiveConnection::connect() {
  auto opened = Connection::open(session_.tls, session_.connection);
  if (!opened) return opened.error();
  if (const auto agreed = agree_again(**opened); !agreed) return agreed.error();
  connection_ = std::move(*opened);
  connection_->set_timeout(std::chrono::milliseconds{0});  // a person can press Ctrl-C
  return {};
}

Result<void> LiveConnection::connect_to(const Address& address) {
  auto before = std::exchange(connection_, nullptr);
  const Address old = std::exchange(session_.connection.address, address);
  auto connected = connect();
  if (!connected) {
    session_.connection.address = old;
    connection_ = std::move(before);
  }
  return connected;
}

Result<void> LiveConnection::agree_again(Connection& connection) const {
  // The server's opinion of our certificate comes with its first answer only (TLS 1.3), whatever that is.
  if (const auto pong = connection.call(std::vector<std::string>{"PING"}); !pong) return pong.error();
  for (const auto& args : {std::vector<std::string>{"CLIENT", "SETNAME", name_}, {"SELECT", database_}}) {
    if (args.back().empty()) continue;
    const auto reply = connection.call(args);
    if (!reply) return reply.error();
    if (reply->is_error()) {
      return Error{
          fmt::format("{}: {} {} was refused: {}", address().text(), args.front(), args.back(), reply->text)};
    }
  }
  return {};
}

std::optional<LiveConnection::Failure> LiveConnection::call(std::span<const std::string> args,
                                                            ReplyValue& reply) {
  const bool was_connected = connected();
  if (connection_ && !connection_->check()) connection_.reset();
  if (!connection_) {
    if (const auto made = connect(); !made) return Failure{made.error().message, false};
    renewed_ = was_connected;
  }
  auto got = connection_->call(args);
  if (!got) {
    connection_.reset();
    return Failure{got.error().message, true};
  }
  reply = std::move(*got);
  note(args, reply);
  return std::nullopt;
}

void LiveConnection::note(std::span<const std::string> args, const ReplyValue& reply) {
  if (reply.is_error()) return;
  ConnectionOptions& options = session_.connection;
  if (is(args[0], "auth") && (args.size() == 2 || args.size() == 3)) {
    options.credentials =
        Credentials{.user = args.size() == 3 ? args[1] : "default", .password = args.back()};
  } else if (is(args[0], "hello") && args.size() > 1) {
    options.version = args[1] == "3" ? RespVersion::k3 : RespVersion::k2;
    for (std::size_t i = 2; i < args.size(); ++i) {
      if (is(args[i], "auth") && i + 2 < args.size()) {
        options.credentials = Credentials{.user = args[i + 1], .password = args[i + 2]};
        i += 2;
      } else if (is(args[i], "setname") && i + 1 < args.size()) {
        name_ = args[++i];
      }
    }
  } else if (is(args[0], "client") && args.size() == 3 && is(args[1], "setname")) {
    name_ = args[2];
  } else if (is(args[0], "select") && args.size() == 2) {
    database_ = args[1] == "0" ? "" : args[1];
  } else if (is(args[0], "reset") && args.size() == 1) {
    options.version = at_start_.version;
    options.credentials = at_start_.credentials;
    name_.clear();
    database_.clear();
    connection_.reset();  // the next one begins as the first did
  }
}

}  // namespace ringhold::client
