#include "tests/sim/load/sim_client.h"

#include <algorithm>
#include <utility>

#include "tests/sim/load/client_connection.h"

namespace ringhold::sim {

// Where one connection is, or the next one will be.
struct SimClient::Place {
  std::unique_ptr<ClientConnection> connection;
  std::unique_ptr<Timer> reconnect;
  std::size_t front = 0;
  bool done = false;
};

SimClient::SimClient(SimLoop& loop, ClientOptions options, RunLog& log)
    : loop_(loop),
      options_(std::move(options)),
      log_(log),
      rng_(loop.sim().seed(), "client/" + options_.name) {}

SimClient::~SimClient() = default;

void SimClient::start() {
  for (std::uint32_t i = 0; i < options_.connections; ++i) {
    Place& place = *places_.emplace_back(std::make_unique<Place>());
    place.front = options_.gentle ? i % options_.fronts.size() : rng_.below(options_.fronts.size());
    place.reconnect = loop_.make_timer([this, &place] { open(place); });
    place.reconnect->start(std::chrono::microseconds(rng_.between(0, 20000)));
  }
}

void SimClient::open(Place& place) {
  place.connection = std::make_unique<ClientConnection>(
      *this, options_.fronts[place.front], SimRng(rng_.next()), [this, &place] { on_ended(place); });
}

void SimClient::on_ended(Place& place) {
  place.connection.reset();
  if (stopping_ || options_.gentle) {
    place.done = true;
    return;
  }
  place.front = rng_.below(options_.fronts.size());
  place.reconnect->start(std::chrono::microseconds(rng_.between(1000, 100000)));
}

void SimClient::stop() {
  stopping_ = true;
  for (const auto& place : places_) {
    place->reconnect->stop();
    if (place->connection) {
      place->connection->stop();
    } else {
      place->done = true;
    }
  }
}

bool SimClient::done() const {
  return std::all_of(places_.begin(), places_.end(), [](const auto& place) { return place->done; });
}

std::vector<std::uint64_t> SimClient::waiting() const {
  std::vector<std::uint64_t> ids;
  for (const auto& place : places_) {
    if (!place->connection) continue;
    const auto more = place->connection->waiting();
    ids.insert(ids.end(), more.begin(), more.end());
  }
  return ids;
}

}  // namespace ringhold::sim
