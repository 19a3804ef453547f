// The simulated network between processes: who listens where, how bytes fare on their way, and what breaks.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/limits.h"
#include "common/reactor/network.h"
#include "tests/sim/world/random.h"

namespace ringhold::sim {

class Link;
class SimLoop;
class SimProcess;
class SimWorld;

// How bytes are cut up on their way.
enum class Splits { kWhole, kPieces, kBytes };

struct Weather {
  std::int64_t delay_min_us = 40;
  std::int64_t delay_max_us = 300;
  std::uint64_t spike_percent = 0;  // so many packets take spike_us longer
  std::int64_t spike_us = 0;
  Splits splits = Splits::kWhole;
  std::size_t window_bytes = 64 * limits::kKiB;  // what both kernels of a connection hold for one direction
};

// One open listener. Shared with the connections that came through it.
struct ListenerState {
  SimLoop* loop = nullptr;
  Address address;
  ListenOptions options;
  AcceptHandler* handler = nullptr;
  bool open = true;
  std::uint32_t connections = 0;
  std::map<std::string, std::uint32_t> per_host;

  bool full_for(const std::string& host) const;
};

class Fabric {
 public:
  explicit Fabric(SimWorld& world) : world_(world) {}

  // What the scenario does to it.
  void set_weather(const Weather& weather) { weather_ = weather; }
  void set_weather_of(const SimProcess& process, const std::optional<Weather>& weather);
  // What `from` sends does not reach `to`, but is not lost either: it arrives after the end of the stall.
  void stall(const SimProcess& from, const SimProcess& to);
  void unstall(const SimProcess& from, const SimProcess& to);
  void unstall_all();
  // New connections to it are refused.
  void refuse(const SimProcess& process, bool on);
  // Resets each connection between the two with the given probability; returns how many.
  std::size_t cut(const SimProcess& a, const SimProcess& b, std::uint64_t percent);
  // What TCP's keepalive does in the end: connections whose other end has silently gone are reset.
  void reset_half_dead();
  // Connections of which one end is open and the other has gone long since, as text, for the leak check.
  std::vector<std::string> half_open() const;

  // What SimNetwork and Link need.
  Result<std::unique_ptr<Listener>> listen(SimLoop& loop, const Address& address,
                                           const ListenOptions& options, AcceptHandler& handler);
  std::unique_ptr<Stream> connect(SimLoop& loop, const Address& address, Protocol protocol,
                                  StreamHandler& handler);
  const Weather& weather(const SimProcess& from, const SimProcess& to) const;
  bool stalled(const SimProcess& from, const SimProcess& to) const;
  bool refuses(const SimProcess& process) const;
  // An open listener at the address, one of several if the port is shared; null if there is none.
  std::shared_ptr<ListenerState> find_listener(const Address& address, SimRng& rng) const;

 private:
  void prune();

  SimWorld& world_;
  Weather weather_;
  std::map<std::uint32_t, Weather> weather_of_;  // by the process's number
  std::set<std::pair<std::uint32_t, std::uint32_t>> stalls_;
  std::set<std::uint32_t> refusing_;
  std::vector<std::shared_ptr<ListenerState>> listeners_;
  std::vector<std::shared_ptr<Link>> links_;  // in order of creation
  std::uint64_t next_link_ = 1;
  std::uint16_t next_port_ = 20000;
};

}  // namespace ringhold::sim
