// One connection to a Ringhold server (or any Redis) over TLS: commands in, replies out, in order.
//
// The heart of the C++ client library. Blocking; one thread. A reply that says -ERR is a reply: Result's
// error means that the connection is lost, or was never made, and that nothing more can be done with it.
// Whether commands whose replies are missing took effect is then unknown.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "client/tls_connection.h"
#include "common/base/byte_buffer.h"
#include "common/base/result.h"
#include "common/resp/reply_parser.h"
#include "common/resp/reply_writer.h"

namespace ringhold::client {

struct Credentials {
  std::string user = "default";
  std::string password;
};

struct ConnectionOptions {
  Address address;
  std::chrono::milliseconds timeout{0};  // for connecting, and for each reply; 0: for ever
  RespVersion version = RespVersion::k2;
  std::optional<Credentials> credentials;
  const std::atomic<bool>* interrupt = nullptr;  // while true, what waits gives up; may be null
};

class Connection {
 public:
  // Connects, chooses the protocol's version and authenticates. What the server says against that is the
  // error.
  static Result<std::unique_ptr<Connection>> open(TlsContextPtr context, const ConnectionOptions& options);

  // Sends one command and waits for its reply.
  Result<ReplyValue> call(std::span<const std::string> args);

  // Pipelining: queue commands, flush them, then receive as many replies.
  void queue(std::span<const std::string> args);
  Result<void> flush();
  Result<ReplyValue> receive();

  // Whether the connection still stands, as far as is known without sending anything.
  bool check();

  // For the replies from now on; 0: for ever.
  void set_timeout(std::chrono::milliseconds timeout) { options_.timeout = timeout; }
  // What the server sends of its own accord (RESP3 pushes); without a function it is dropped.
  void on_push(std::function<void(const ReplyValue&)> handler) { on_push_ = std::move(handler); }

 private:
  Connection(std::unique_ptr<TlsConnection> transport, const ConnectionOptions& options)
      : transport_(std::move(transport)), options_(options) {}

  Result<void> greet();
  Error describe(std::string_view what) const;

  std::unique_ptr<TlsConnection> transport_;
  ConnectionOptions options_;
  ByteBuffer unsent_;
  ReplyParser parser_;
  std::function<void(const ReplyValue&)> on_push_;
};

}  // namespace ringhold::client
