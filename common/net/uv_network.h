// Network over TCP and TLS, for one loop.
#pragma once

#include <memory>

#include "common/net/process_resources.h"
#include "common/net/stream_hub.h"
#include "common/net/ticket_cache.h"
#include "common/net/tls_context.h"
#include "common/reactor/network.h"

namespace ringhold {

class UvNetwork final : public Network {
 public:
  UvNetwork(Loop& loop, std::shared_ptr<ProcessResources> resources, TlsContextPtr context,
            NetTimeouts timeouts = {});

  // Connections that are made from here on, in and out, use `context`; those that exist keep theirs.
  void use(TlsContextPtr context);

  Result<std::unique_ptr<Listener>> listen(const Address& address, const ListenOptions& options,
                                           AcceptHandler& handler) override;
  std::unique_ptr<Stream> connect(const Address& address, Protocol protocol, StreamHandler& handler) override;

  NetworkFigures figures() const override;

  // For the listeners.
  const TlsContextPtr& context() const { return context_; }
  StreamHub& hub() { return hub_; }

 private:
  StreamHub hub_;
  TlsContextPtr context_;
  std::shared_ptr<TicketCache> tickets_;  // of context_; shared with the streams, which may outlive it
};

}  // namespace ringhold
