// What one simulated loop sees of the network; the Fabric is what connects them.
#pragma once

#include <memory>

#include "common/reactor/network.h"

namespace ringhold::sim {

class SimLoop;

class SimNetwork final : public Network {
 public:
  explicit SimNetwork(SimLoop& loop) : loop_(loop) {}
  Result<std::unique_ptr<Listener>> listen(const Address& address, const ListenOptions& options,
                                           AcceptHandler& handler) override;
  std::unique_ptr<Stream> connect(const Address& address, Protocol protocol, StreamHandler& handler) override;

 private:
  SimLoop& loop_;
};

}  // namespace ringhold::sim
