// RaftListener: a port for replicas' links and nothing else, as tests and the simulator of the core want it.
// In a data server they come through its one port: see peer_acceptor.h.
#pragma once

#include <memory>
#include <utility>

#include "cluster/raft_io/transport.h"
#include "common/reactor/world.h"

namespace ringhold::raft_io {

class RaftListener final : private AcceptHandler {
 public:
  // The transport outlives it.
  explicit RaftListener(Transport& transport) : transport_(transport) {}

  Result<void> start(World world, const Address& address) {
    auto listening = world.network.listen(address, {.connections_max = 2 * limits::kRaftIncomingMax}, *this);
    if (!listening) return listening.error();
    listener_ = std::move(*listening);
    return {};
  }

 private:
  void on_accept(std::unique_ptr<Stream> stream) override { transport_.accept(std::move(stream)); }

  Transport& transport_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace ringhold::raft_io
