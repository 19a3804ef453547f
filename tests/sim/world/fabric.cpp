#include "tests/sim/world/fabric.h"

#include <fmt/format.h>

#include <algorithm>

#include "tests/sim/world/link.h"
#include "tests/sim/world/process.h"
#include "tests/sim/world/sim_loop.h"
#include "tests/sim/world/sim_stream.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

namespace {

class SimListener final : public Listener {
 public:
  explicit SimListener(std::shared_ptr<ListenerState> state) : state_(std::move(state)) {}
  ~SimListener() override {
    state_->open = false;
    state_->handler = nullptr;
  }
  SimListener(const SimListener&) = delete;
  SimListener& operator=(const SimListener&) = delete;
  const Address& address() const override { return state_->address; }
  std::uint32_t connections() const override { return state_->connections; }

 private:
  std::shared_ptr<ListenerState> state_;
};

}  // namespace

bool ListenerState::full_for(const std::string& host) const {
  if (options.connections_max != 0 && connections >= options.connections_max) return true;
  const auto it = per_host.find(host);
  return options.connections_per_address_max != 0 && it != per_host.end() &&
         it->second >= options.connections_per_address_max;
}

void Fabric::set_weather_of(const SimProcess& process, const std::optional<Weather>& weather) {
  if (weather) {
    weather_of_[process.number()] = *weather;
  } else {
    weather_of_.erase(process.number());
  }
}

const Weather& Fabric::weather(const SimProcess& from, const SimProcess& to) const {
  for (const SimProcess* process : {&from, &to}) {
    const auto it = weather_of_.find(process->number());
    if (it != weather_of_.end()) return it->second;
  }
  return weather_;
}

void Fabric::stall(const SimProcess& from, const SimProcess& to) {
  stalls_.insert({from.number(), to.number()});
}

void Fabric::unstall(const SimProcess& from, const SimProcess& to) {
  stalls_.erase({from.number(), to.number()});
  for (const auto& link : std::vector(links_)) link->release_parked();
}

void Fabric::unstall_all() {
  stalls_.clear();
  for (const auto& link : std::vector(links_)) link->release_parked();
}

bool Fabric::stalled(const SimProcess& from, const SimProcess& to) const {
  return !stalls_.empty() && stalls_.contains({from.number(), to.number()});
}

void Fabric::refuse(const SimProcess& process, bool on) {
  if (on) {
    refusing_.insert(process.number());
  } else {
    refusing_.erase(process.number());
  }
}

bool Fabric::refuses(const SimProcess& process) const {
  return refusing_.contains(process.number());
}

std::size_t Fabric::cut(const SimProcess& a, const SimProcess& b, std::uint64_t percent) {
  std::size_t cuts = 0;
  for (const auto& link : std::vector(links_)) {
    if (!link->between(a, b) || !link->rng().percent(percent)) continue;
    if (link->cut()) ++cuts;
  }
  return cuts;
}

void Fabric::reset_half_dead() {
  for (const auto& link : std::vector(links_)) link->reset_if_half_dead();
}

std::vector<std::string> Fabric::half_open() const {
  std::vector<std::string> found;
  for (const auto& link : links_) {
    if (link->half_open()) found.push_back(link->describe());
  }
  return found;
}

Result<std::unique_ptr<Listener>> Fabric::listen(SimLoop& loop, const Address& address,
                                                 const ListenOptions& options, AcceptHandler& handler) {
  Address real = address;
  if (real.port == 0) real.port = next_port_++;
  if (!real.is_wildcard() && real.host != loop.process().host()) {
    return Error{fmt::format("cannot listen on {}: not an address of this host", real.text())};
  }
  for (const auto& other : listeners_) {
    if (!other->open || !other->loop->alive() || other->address.port != real.port) continue;
    if (&other->loop->process() != &loop.process()) continue;
    if (other->options.share_port && options.share_port) continue;
    return Error{fmt::format("cannot listen on {}: address already in use", real.text())};
  }
  auto state = std::make_shared<ListenerState>(ListenerState{&loop, real, options, &handler, true, 0, {}});
  std::erase_if(listeners_, [](const auto& old) { return !old->open || !old->loop->alive(); });
  listeners_.push_back(state);
  return std::unique_ptr<Listener>(std::make_unique<SimListener>(std::move(state)));
}

std::shared_ptr<ListenerState> Fabric::find_listener(const Address& address, SimRng& rng) const {
  std::vector<std::shared_ptr<ListenerState>> found;
  for (const auto& listener : listeners_) {
    if (!listener->open || !listener->loop->alive() || listener->address.port != address.port) continue;
    if (listener->loop->process().host() == address.host) found.push_back(listener);
  }
  if (found.empty()) return nullptr;
  return rng.pick(found);
}

std::unique_ptr<Stream> Fabric::connect(SimLoop& loop, const Address& address, Protocol protocol,
                                        StreamHandler& handler) {
  prune();
  // Its randomness depends on who connects and how often that loop has connected before, and on nothing else.
  SimRng rng(loop.chaos().next());
  auto link = std::make_shared<Link>(world_, next_link_++, rng, loop, address, protocol);
  links_.push_back(link);
  return link->start(handler);
}

void Fabric::prune() {
  if (links_.size() % 64 != 0) return;
  std::erase_if(links_, [](const auto& link) { return link->over(); });
}

}  // namespace ringhold::sim
