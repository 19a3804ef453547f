#include "common/net/process_resources.h"

#include "common/base/check.h"

namespace ringhold {

ConnectionCounter::Verdict ConnectionCounter::admit(const std::string& host, Limits limits) {
  const std::scoped_lock lock(mutex_);
  if (total_ >= limits.total) return Verdict::kTooMany;
  std::uint32_t& here = per_address_[host];
  if (here >= limits.per_address) {
    if (here == 0) per_address_.erase(host);
    return Verdict::kTooManyFromAddress;
  }
  ++here;
  ++total_;
  return Verdict::kAdmitted;
}

void ConnectionCounter::release(const std::string& host) {
  const std::scoped_lock lock(mutex_);
  const auto here = per_address_.find(host);
  INVARIANT(here != per_address_.end() && total_ > 0);
  if (--here->second == 0) per_address_.erase(here);
  --total_;
}

std::shared_ptr<SharedPort> ProcessResources::shared_port(const Address& address) {
  const std::scoped_lock lock(mutex_);
  const auto found = ports_.find(address);
  return found == ports_.end() ? nullptr : found->second.lock();
}

std::shared_ptr<SharedPort> ProcessResources::share_port(const Address& address) {
  auto port = std::make_shared<SharedPort>();
  const std::scoped_lock lock(mutex_);
  ports_[address] = port;
  return port;
}

}  // namespace ringhold
