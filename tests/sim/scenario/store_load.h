// Random commands of all types on one store, and what a store holds, as text.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "dataserver/store/store.h"
#include "tests/sim/world/random.h"

namespace ringhold::sim {

class StoreLoad {
 public:
  // `keys`: how many different keys there are.
  StoreLoad(SimRng rng, std::uint32_t keys) : rng_(std::move(rng)), keys_(keys) {}

  // One random command, at log time `now`.
  void step(Store& store, UnixMs now);
  // One command.
  void run(Store& store, UnixMs now, const std::vector<std::string>& words);

 private:
  std::vector<std::string> random_command(UnixMs now);
  std::vector<std::string> large_value();
  std::string key();
  std::string value();

  SimRng rng_;
  std::uint32_t keys_;
};

// Every key that is not over at `now`, with its type, deadline and items; members of sets and hashes in order
// of their bytes.
using StoreContents = std::map<std::string, std::string>;
StoreContents contents_of(const Store& store, UnixMs now);
// "" if they are the same, else the first difference.
std::string difference(const StoreContents& expected, const StoreContents& actual);

}  // namespace ringhold::sim
