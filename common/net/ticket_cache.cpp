#include "common/net/ticket_cache.h"

#include <utility>

#include "common/base/limits.h"

namespace ringhold {

std::string TicketCache::key(const Address& address, Protocol protocol) {
  return address.text() + ' ' + alpn_name(protocol);
}

SSL_SESSION* TicketCache::find(const Address& address, Protocol protocol) const {
  const auto found = tickets_.find(key(address, protocol));
  return found == tickets_.end() ? nullptr : found->second.get();
}

void TicketCache::keep(const Address& address, Protocol protocol, TlsTicket ticket) {
  if (tickets_.size() >= limits::kTlsTicketsMax) tickets_.clear();
  tickets_[key(address, protocol)] = std::move(ticket);
}

void TicketCache::forget(const Address& address, Protocol protocol) {
  tickets_.erase(key(address, protocol));
}

}  // namespace ringhold
