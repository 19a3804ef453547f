#include "tests/sim/world/sim_network.h"

#include "tests/sim/world/fabric.h"
#include "tests/sim/world/sim_loop.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

Result<std::unique_ptr<Listener>> SimNetwork::listen(const Address& address, const ListenOptions& options,
                                                     AcceptHandler& handler) {
  loop_.check_on_loop("listen");
  return loop_.sim().fabric().listen(loop_, address, options, handler);
}

std::unique_ptr<Stream> SimNetwork::connect(const Address& address, Protocol protocol,
                                            StreamHandler& handler) {
  loop_.check_on_loop("connect");
  return loop_.sim().fabric().connect(loop_, address, protocol, handler);
}

}  // namespace ringhold::sim
