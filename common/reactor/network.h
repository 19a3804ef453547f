// Making streams: listening and connecting. TLS, certificates, time-outs of handshakes and limits on
// connections are the implementation's business; what arrives here has been verified.
#pragma once

#include <cstdint>
#include <memory>

#include "common/reactor/stream.h"

namespace ringhold {

class AcceptHandler {
 public:
  virtual ~AcceptHandler() = default;
  // A peer has connected and its handshake is complete. The callee sets a handler before it returns.
  virtual void on_accept(std::unique_ptr<Stream> stream) = 0;
};

struct ListenOptions {
  std::uint32_t connections_max = 0;
  std::uint32_t connections_per_address_max = 0;
  bool share_port = false;  // several loops listen on one port, and the kernel spreads connections over them
};

// Destroying it stops accepting; streams that were accepted live on.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual const Address& address() const = 0;     // with the real port where 0 was asked for
  virtual std::uint32_t connections() const = 0;  // open ones that came through this listener
};

// What has happened since the start, but for buffered_bytes, which is now and of the whole process.
struct NetworkFigures {
  std::uint64_t handshakes_full = 0;  // TLS, of incoming connections
  std::uint64_t handshakes_resumed = 0;
  std::uint64_t handshakes_failed = 0;
  std::uint64_t connections_rejected = 0;  // there were too many
  std::uint64_t evictions = 0;             // closed because of limits::kBufferBytesTotal
  std::uint64_t buffered_bytes = 0;

  // Those of another loop of the same process.
  void add(const NetworkFigures& other) {
    handshakes_full += other.handshakes_full;
    handshakes_resumed += other.handshakes_resumed;
    handshakes_failed += other.handshakes_failed;
    connections_rejected += other.connections_rejected;
    evictions += other.evictions;
    buffered_bytes = other.buffered_bytes;
  }
};

class Network {
 public:
  virtual ~Network() = default;
  // Errors name the address: busy, not local, no permission.
  virtual Result<std::unique_ptr<Listener>> listen(const Address& address, const ListenOptions& options,
                                                   AcceptHandler& handler) = 0;
  // Returns at once; on_connected or on_closed follows, after limits::kConnectTimeout at the latest.
  virtual std::unique_ptr<Stream> connect(const Address& address, Protocol protocol,
                                          StreamHandler& handler) = 0;
  // Of this loop.
  virtual NetworkFigures figures() const { return {}; }
};

}  // namespace ringhold
