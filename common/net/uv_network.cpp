#include "common/net/uv_network.h"

#include <utility>

#include "common/base/check.h"
#include "common/net/uv_listener.h"
#include "common/net/uv_stream.h"

namespace ringhold {

UvNetwork::UvNetwork(Loop& loop, std::shared_ptr<ProcessResources> resources, TlsContextPtr context,
                     NetTimeouts timeouts)
    : hub_(loop, std::move(resources), timeouts) {
  use(std::move(context));
}

void UvNetwork::use(TlsContextPtr context) {
  INVARIANT(context != nullptr);
  context_ = std::move(context);
  tickets_ = std::make_shared<TicketCache>();
}

Result<std::unique_ptr<Listener>> UvNetwork::listen(const Address& address, const ListenOptions& options,
                                                    AcceptHandler& handler) {
  return UvListener::open(*this, address, options, handler);
}

std::unique_ptr<Stream> UvNetwork::connect(const Address& address, Protocol protocol,
                                           StreamHandler& handler) {
  return std::make_unique<UvStream>(
      hub_, StreamCore::connect(hub_, context_, {address, protocol, &handler, tickets_}));
}

NetworkFigures UvNetwork::figures() const {
  NetworkFigures figures = hub_.figures();
  figures.buffered_bytes = hub_.resources().buffered();
  return figures;
}

}  // namespace ringhold
