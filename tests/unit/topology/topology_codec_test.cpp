#include "cluster/topology/topology_codec.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <cereal/archives/portable_binary.hpp>
#include <sstream>

#include "cluster/topology/topology.h"
#include "common/base/limits.h"
#include "tests/unit/topology/fake_world.h"

namespace ringhold {
namespace {

constexpr std::size_t kHeaderBytes = 16;

Topology sample() {
  FakeRng rng;
  Topology topology = found_topology(
      parse_servers_file(
          R"({"servers": [{"name": "a", "weight": 3, "replicas": ["127.0.0.1:9501", "[::1]:9502"]},
                             {"name": "b", "replicas": ["data.example:9503"]}]})")
          .value(),
      rng);
  topology.version = {3, Epoch{0x0EDCBA9876543210}};
  return topology;
}

TEST_CASE("topology codec: round trip, and the same bytes for the same value") {
  const Topology topology = sample();
  const std::string bytes = encode_topology(topology);
  CHECK(decode_topology(bytes).value() == topology);
  CHECK(encode_topology(decode_topology(bytes).value()) == bytes);
  CHECK(bytes.starts_with(std::string("RHTP\1\0\0\0", 8)));
}

TEST_CASE("topology codec: the largest topology fits") {
  FakeRng rng;
  ServersFile file;
  for (std::size_t i = 0; i < limits::kShardsMax; ++i) {
    ShardSpec spec{fmt::format("{:0128}", i), 1, {}};
    for (std::size_t r = 0; r < limits::kReplicasMax; ++r) {
      spec.replicas.push_back({fmt::format("{:h>249}{:04}", "", i), static_cast<std::uint16_t>(r + 1)});
    }
    file.servers.push_back(std::move(spec));
  }
  const Topology topology = found_topology(file, rng);
  const std::string bytes = encode_topology(topology);
  CHECK(bytes.size() < limits::kTopologyBytesMax);
  CHECK(decode_topology(bytes).value() == topology);
}

TEST_CASE("topology codec: what is cut or flipped anywhere is refused") {
  const std::string bytes = encode_topology(sample());
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    if (decode_topology(std::string_view(bytes).substr(0, n)).ok()) FAIL("accepted when cut at ", n);
  }
  std::string damaged = bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
    if (decode_topology(damaged).ok()) FAIL("accepted with a flipped bit in byte ", i);
    damaged[i] = bytes[i];
  }
  CHECK_FALSE(decode_topology(bytes + '\0').ok());
  CHECK_FALSE(decode_topology(std::string(limits::kTopologyBytesMax + 1, 'x')).ok());
}

TEST_CASE("topology codec: a payload with a good checksum is still not trusted") {
  const std::string whole = encode_topology(sample());
  const std::string payload = whole.substr(kHeaderBytes);
  REQUIRE(decode_topology(seal_topology_payload(payload)).ok());
  const std::size_t before_slots = payload.size() - std::size_t{2} * kSlotCount;
  SUBCASE("cut anywhere") {
    for (std::size_t n = 0; n < payload.size(); ++n) {
      if (n > before_slots && n % 97 != 0) continue;
      if (decode_topology(seal_topology_payload(payload.substr(0, n))).ok()) FAIL("accepted when cut at ", n);
    }
  }
  SUBCASE("longer") {
    CHECK_FALSE(decode_topology(seal_topology_payload(payload + '\0')).ok());
  }
  SUBCASE("any byte has any of some values: refused, or a sound topology") {
    std::string hostile = payload;
    for (std::size_t i = 0; i < before_slots + 4; ++i) {
      for (const int value : {0, 1, 2, 7, 0x7F, 0x80, 0xFF}) {
        hostile[i] = static_cast<char>(value);
        const auto decoded = decode_topology(seal_topology_payload(hostile));
        if (decoded && !check_topology(*decoded)) FAIL("accepted and unsound at ", i);
      }
      hostile[i] = payload[i];
    }
  }
  SUBCASE("a newer format says what to do") {
    const auto decoded = decode_topology(seal_topology_payload(payload, kTopologyFormat + 1));
    REQUIRE_FALSE(decoded.ok());
    CHECK(decoded.error().message ==
          "the topology has format 2, but this version of Ringhold reads only up to 1; "
          "update this server");
  }
}

TEST_CASE("topology codec: one value has one encoding; the other byte order is refused") {
  FakeRng rng;
  const Topology topology = found_topology(parse_servers_file(R"([{"addr": "h:1"}])").value(), rng);
  using Archive = cereal::PortableBinaryOutputArchive;
  const auto payload = [&](const Archive::Options& order) {
    std::ostringstream stream;
    Archive archive(stream, order);
    const auto run = [&](const auto& array) { archive(cereal::binary_data(array.data() + 0, sizeof array)); };
    const auto text = [&](const std::string& value) {
      archive(static_cast<std::uint16_t>(value.size()), cereal::binary_data(value.data() + 0, value.size()));
    };
    const Shard& shard = topology.shards[0];
    run(topology.cluster.bytes);
    archive(topology.version.generation, topology.version.epoch.value);
    text(topology.authority);
    archive(std::uint32_t{1});
    text(shard.name);
    run(shard.id.bytes);
    archive(shard.weight, std::uint32_t{1});
    text(shard.replicas[0].host);
    archive(shard.replicas[0].port);
    run(topology.slots);
    return stream.str();
  };
  CHECK(seal_topology_payload(payload(Archive::Options::LittleEndian())) == encode_topology(topology));
  CHECK_FALSE(decode_topology(seal_topology_payload(payload(Archive::Options::BigEndian()))).ok());
}

struct Breakage {
  const char* says;  // a part of the refusal
  void (*apply)(Topology&);
};

const Breakage kBreakages[] = {
    {"no cluster id", [](Topology& t) { t.cluster = {}; }},
    {"impossible version 0.", [](Topology& t) { t.version.generation = 0; }},
    {"impossible version 3.0", [](Topology& t) { t.version.epoch = {}; }},
    {"impossible version", [](Topology& t) { t.version.epoch.value = ~std::uint64_t{0}; }},
    {"0 shards", [](Topology& t) { t.shards.clear(); }},
    {"too many shards", [](Topology& t) { t.shards.resize(limits::kShardsMax + 1); }},
    {"not ascending", [](Topology& t) { std::swap(t.shards[0], t.shards[1]); }},
    {"not ascending", [](Topology& t) { t.shards[1].name = "a"; }},
    {"two shards have one id", [](Topology& t) { t.shards[1].id = t.shards[0].id; }},
    {"shard 'b' has no id", [](Topology& t) { t.shards[1].id = {}; }},
    {"shard 'b c' has a bad name", [](Topology& t) { t.shards[1].name = "b c"; }},
    {"a text is too long", [](Topology& t) { t.shards[1].name = std::string(129, 'x'); }},
    {"a bad weight", [](Topology& t) { t.shards[1].weight = 0; }},
    {"a bad weight", [](Topology& t) { t.shards[1].weight = limits::kWeightMax + 1; }},
    {"too few or too many replicas", [](Topology& t) { t.shards[1].replicas.clear(); }},
    {"too many replicas", [](Topology& t) { t.shards[1].replicas.resize(8); }},
    {"a bad address", [](Topology& t) { t.shards[1].replicas[0].port = 0; }},
    {"a bad address", [](Topology& t) { t.shards[1].replicas[0].host = "a]b"; }},
    {"a bad address", [](Topology& t) { t.shards[1].replicas[0].host = "::"; }},
    {"a bad address", [](Topology& t) { t.shards[1].replicas[0].host = "0::1"; }},
    {"a bad address", [](Topology& t) { t.shards[1].replicas[0].host = "Node"; }},
    {"two replicas have",
     [](Topology& t) {
       t.shards[1].replicas[0] = {"::1", 9502};
     }},
    {"slot 77 has no owner", [](Topology& t) { t.slots[77] = 2; }},
    {"slot 16383 has no owner", [](Topology& t) { t.slots[16383] = kNoOwner; }},
    {"the authority is not one", [](Topology& t) { t.authority = "c"; }},
};

TEST_CASE("topology codec: every broken invariant is refused by name") {
  REQUIRE(decode_topology(encode_topology(sample())).ok());
  for (const Breakage& breakage : kBreakages) {
    CAPTURE(std::string(breakage.says));
    Topology topology = sample();
    breakage.apply(topology);
    const auto decoded = decode_topology(encode_topology(topology));
    REQUIRE_FALSE(decoded.ok());
    CAPTURE(decoded.error().message);
    CHECK(decoded.error().message.find(breakage.says) != std::string::npos);
  }
}

}  // namespace
}  // namespace ringhold
