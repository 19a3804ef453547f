// The TLS sessions that servers have given to one loop, to be resumed with them: a resumed handshake costs no
// signature and no verification. Belongs to one TlsContext: a new certificate or CA starts with an empty one.
#pragma once

#include <map>
#include <string>

#include "common/net/tls_session.h"
#include "common/reactor/address.h"

namespace ringhold {

class TicketCache {
 public:
  // The newest ticket for that server, or null; it stays in the cache.
  SSL_SESSION* find(const Address& address, Protocol protocol) const;
  void keep(const Address& address, Protocol protocol, TlsTicket ticket);
  // After a handshake that failed: the next one starts afresh.
  void forget(const Address& address, Protocol protocol);

 private:
  static std::string key(const Address& address, Protocol protocol);

  std::map<std::string, TlsTicket> tickets_;
};

}  // namespace ringhold
