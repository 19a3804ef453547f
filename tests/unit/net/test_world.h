// A reactor on loopback for tests, and handlers that remember what they were told.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/net/reactor.h"
#include "tests/unit/net/test_certificates.h"

namespace ringhold::test {

// One loop that serves and connects, with certificates of a fresh authority.
class TestWorld {
 public:
  explicit TestWorld(NetTimeouts timeouts = {}, ClientAuth client_auth = ClientAuth::kRequired,
                     std::size_t buffer_bytes_max = limits::kBufferBytesTotal);
  explicit TestWorld(const TestAuthority& authority, TlsContextPtr context, NetTimeouts timeouts = {},
                     std::size_t buffer_bytes_max = limits::kBufferBytesTotal);

  // Turns the loop until `done`; false after `limit`.
  bool run_until(const std::function<bool()>& done,
                 std::chrono::milliseconds limit = std::chrono::milliseconds(10000));
  // Turns the loop for that long, to see that something does not happen.
  void run_for(std::chrono::milliseconds duration);

  TestAuthority authority;
  Reactor reactor;
  World world = reactor.world();
};

// One end of a connection.
class TestPeer : public StreamHandler {
 public:
  void take(std::unique_ptr<Stream> accepted);
  void on_connected() override { connected = true; }
  void on_input() override;
  void on_drained() override { ++drained; }
  void on_closed(const Error& why) override;

  void send(std::string_view bytes);

  std::unique_ptr<Stream> stream;
  bool connected = false;
  bool closed = false;
  int closed_calls = 0;
  int input_calls = 0;
  int drained = 0;
  std::string why;
  std::string received;
  std::function<void()> after_input;  // instead of collecting into `received`, if set
};

class TestServer : public AcceptHandler {
 public:
  explicit TestServer(World world, ListenOptions options = {1000, 1000, false});
  void on_accept(std::unique_ptr<Stream> stream) override;

  Result<std::unique_ptr<Listener>> listening;
  std::vector<std::unique_ptr<TestPeer>> peers;
  std::function<void(TestPeer&)> on_peer;
  const Address& address() const { return (*listening)->address(); }
};

// A socket without TLS, blocking, for what a well-behaved client would not do.
class RawSocket {
 public:
  explicit RawSocket(const Address& address);
  ~RawSocket();
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;
  void send(std::string_view bytes) const;
  // What is there now; empty if nothing. `ended` becomes true at the other side's end.
  std::string receive_now();
  bool ended = false;

 private:
  int fd_;
};

}  // namespace ringhold::test
