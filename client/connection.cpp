#include "client/connection.h"

#include <fmt/core.h>

#include <utility>
#include <vector>

#include "common/base/limits.h"

namespace ringhold::client {

Result<std::unique_ptr<Connection>> Connection::open(TlsContextPtr context,
                                                     const ConnectionOptions& options) {
  auto transport = TlsConnection::connect(
      std::move(context),
      {.address = options.address, .timeout = options.timeout, .interrupt = options.interrupt});
  if (!transport) return transport.error();
  std::unique_ptr<Connection> connection(new Connection(std::move(*transport), options));
  if (const auto greeted = connection->greet(); !greeted) return greeted.error();
  return connection;
}

Result<void> Connection::greet() {
  std::vector<std::string> command;
  if (options_.version == RespVersion::k3) command = {"HELLO", "3"};
  if (options_.credentials) {
    command.emplace_back("AUTH");
    // The form with a user is not known to servers before Redis 6; HELLO always wants it.
    if (options_.version == RespVersion::k3 || options_.credentials->user != "default") {
      command.push_back(options_.credentials->user);
    }
    command.push_back(options_.credentials->password);
  }
  if (command.empty()) return {};
  const auto reply = call(command);
  if (!reply) return reply.error();
  if (!reply->is_error()) return {};
  if (!options_.credentials && reply->text.starts_with("NOAUTH")) {
    return describe("the server wants a password: give --user, or --password-file");
  }
  return describe(reply->text);
}

Result<ReplyValue> Connection::call(std::span<const std::string> args) {
  queue(args);
  if (const auto flushed = flush(); !flushed) return flushed.error();
  return receive();
}

void Connection::queue(std::span<const std::string> args) {
  // A request is written like a reply: an array of bulk strings.
  ReplyWriter writer(unsent_, RespVersion::k2);
  writer.array(args.size());
  for (const std::string& arg : args) writer.bulk(arg);
}

Result<void> Connection::flush() {
  auto sent = transport_->send(unsent_.view(), deadline_after(options_.timeout));
  unsent_.clear();
  unsent_.release_if_empty();
  return sent;
}

Result<ReplyValue> Connection::receive() {
  const Deadline deadline = deadline_after(options_.timeout);
  ByteBuffer& input = transport_->input();
  while (true) {
    const auto status = parser_.next(input.view());
    if (status == ReplyParser::Status::kError) {
      return describe(fmt::format("what came is no reply: {}", parser_.error()));
    }
    if (status == ReplyParser::Status::kNeedMore) {
      if (const auto received = transport_->receive(deadline); !received) return received.error();
      continue;
    }
    auto reply = decode_reply(input.view().substr(0, parser_.consumed()));
    input.consume(parser_.consumed());
    // One large reply must not cost its memory for as long as the connection lives.
    if (input.capacity() > limits::kMiB) input.release_if_empty();
    if (!reply || reply->kind != ReplyValue::Kind::kPush) return reply;
    if (on_push_) on_push_(*reply);
  }
}

bool Connection::check() {
  return transport_->take_arrived().ok();
}

Error Connection::describe(std::string_view what) const {
  return Error{fmt::format("{}: {}", options_.address.text(), what)};
}

}  // namespace ringhold::client
