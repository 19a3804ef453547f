// Reactor: one loop with all that belongs to it, as a World. One per thread.
//
//   Reactor reactor(resources, tls);  DataServer server(reactor.world(), options);  reactor.loop().run();
//
// Whatever uses the World is destroyed before the Reactor.
#pragma once

#include <memory>
#include <utility>

#include "common/net/loop.h"
#include "common/net/system_rng.h"
#include "common/net/uv_disk.h"
#include "common/net/uv_network.h"
#include "common/reactor/world.h"

namespace ringhold {

class Reactor {
 public:
  Reactor(std::shared_ptr<ProcessResources> resources, TlsContextPtr tls, NetTimeouts timeouts = {})
      : disk_(loop_), network_(loop_, std::move(resources), std::move(tls), timeouts) {}

  // Both may own streams, which go before the network.
  ~Reactor() {
    disk_.forget_waiters();
    loop_.drop_tasks();
  }
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  World world() { return {loop_, rng_, loop_, network_, disk_}; }
  Loop& loop() { return loop_; }
  UvNetwork& network() { return network_; }

 private:
  Loop loop_;
  SystemRng rng_;
  UvDisk disk_;
  UvNetwork network_;
};

}  // namespace ringhold
