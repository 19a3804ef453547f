#include "tests/sim/scenario/plan.h"

#include <fmt/format.h>

namespace ringhold::sim {

namespace {

Weather make_weather(SimRng& rng) {
  Weather weather;
  weather.delay_min_us = rng.between(20, 100);
  weather.delay_max_us = weather.delay_min_us + rng.between(10, rng.one_in(4) ? 10000 : 400);
  if (rng.one_in(3)) {
    weather.spike_percent = rng.below(4) + 1;
    weather.spike_us = rng.between(1000, 40000);
  }
  weather.splits = rng.one_in(6) ? Splits::kBytes : rng.one_in(2) ? Splits::kPieces : Splits::kWhole;
  weather.window_bytes = std::size_t{1} << static_cast<unsigned>(rng.between(11, 18));
  return weather;
}

FaultMix make_faults(SimRng& rng) {
  FaultMix mix;
  if (rng.one_in(6)) return mix;  // a quiet run: everything must succeed
  const auto weight = [&rng] { return rng.one_in(2) ? rng.below(10) + 1 : 0; };
  mix.cut = weight();
  mix.stall = weight();
  mix.pause = weight();
  mix.crash = weight();
  mix.refuse = weight() / 3;
  mix.weather = weight() / 2;
  mix.interval_ms = rng.between(60, 900);
  return mix;
}

ClientOptions make_client(SimRng& rng) {
  ClientOptions client;
  client.connections = static_cast<std::uint32_t>(rng.between(1, 3));
  client.depth_max = rng.one_in(2) ? 32 : 4;
  client.think_us_max = rng.between(2000, 40000);
  client.rude_percent = rng.below(40);
  client.sleepy_percent = rng.below(25);
  client.resp3_percent = rng.below(101);
  client.requests_per_connection = static_cast<std::uint64_t>(rng.between(20, 400));
  client.keys.strings = rng.below(12) + 3;
  client.keys.counters = rng.below(6) + 2;
  client.keys.tagged = rng.below(3);
  client.keys.hot_percent = rng.below(25);
  client.keys.big_percent = rng.below(4);
  return client;
}

}  // namespace

Plan make_plan(std::uint64_t seed) {
  SimRng rng(seed, "plan");
  Plan plan;
  plan.seed = seed;
  if (rng.one_in(12)) {
    plan.servers = 1;
    plan.spares = 0;
    plan.proxies = 0;
    plan.direct_percent = 100;
  } else {
    plan.servers = static_cast<std::uint32_t>(rng.between(1, 5));
    plan.spares = static_cast<std::uint32_t>(rng.between(0, 2));
    plan.proxies = static_cast<std::uint32_t>(rng.between(1, 2));
    plan.direct_percent = rng.below(50);
  }
  plan.workers = static_cast<std::uint32_t>(rng.between(1, 3));
  plan.conns = static_cast<std::uint32_t>(rng.between(1, 4));
  plan.clients = static_cast<std::uint32_t>(rng.between(2, 8));
  plan.short_form = rng.one_in(4);
  plan.duration_ms = rng.one_in(10) ? rng.between(10000, 30000) : rng.between(1000, 8000);
  if (plan.proxies > 0 && rng.percent(60)) plan.edit_interval_ms = rng.between(300, 3000);
  plan.weather = make_weather(rng);
  plan.faults = make_faults(rng);
  plan.client = make_client(rng);
  if (plan.proxies > 0 && rng.one_in(4)) plan.client.cluster_aware_percent = rng.below(50);
  if (rng.one_in(3)) plan.client.http_percent = rng.below(60);
  return plan;
}

std::string describe(const Plan& plan) {
  return fmt::format(
      "{} data servers (+{} spare), {} proxies of {} workers and {} conns, {} clients of {} connections ({}% "
      "direct, {}% over HTTP), {} form, {:.1f} s, edits every {} ms, delay {}..{} us, window {} bytes, "
      "faults every {} ms: "
      "cut {} "
      "stall {} pause {} crash {} refuse {} weather {}",
      plan.servers, plan.spares, plan.proxies, plan.workers, plan.conns, plan.clients,
      plan.client.connections, plan.direct_percent, plan.client.http_percent,
      plan.short_form ? "short" : "long", static_cast<double>(plan.duration_ms) / 1000, plan.edit_interval_ms,
      plan.weather.delay_min_us, plan.weather.delay_max_us, plan.weather.window_bytes,
      plan.faults.interval_ms, plan.faults.cut, plan.faults.stall, plan.faults.pause, plan.faults.crash,
      plan.faults.refuse, plan.faults.weather);
}

}  // namespace ringhold::sim
