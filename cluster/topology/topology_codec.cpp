#include "cluster/topology/topology_codec.h"

#include <fmt/core.h>
#include <xxhash.h>

#include <cereal/archives/portable_binary.hpp>
#include <limits>
#include <sstream>

#include "cluster/topology/topology.h"
#include "common/base/limits.h"

namespace ringhold {

namespace {

constexpr std::string_view kMagic = "RHTP";
constexpr std::size_t kHeaderBytes = 16;
constexpr std::size_t kHostBytesMax = 255;
constexpr char kLittleEndian = 1;  // cereal's first byte; all hosts write this, so one value has one encoding

template <typename Number>
void append_little_endian(std::string& out, Number value) {
  for (std::size_t i = 0; i < sizeof value; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

template <typename Number>
Number little_endian(std::string_view bytes) {
  Number value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) {
    value |= Number{static_cast<std::uint8_t>(bytes[i])} << (8 * i);
  }
  return value;
}

// The pointer goes in as an rvalue: from an lvalue, cereal 1.3 takes the size of an element to be that of the
// pointer, and an archive of the other byte order is then swapped in groups of 8 bytes, beyond the end.
template <typename Number>
auto byte_run(Number* data, std::size_t count) {
  return cereal::binary_data(static_cast<Number*>(data), count * sizeof(Number));
}

class PayloadWriter {
 public:
  std::string take() && { return std::move(stream_).str(); }

  template <typename Number>
  void number(Number value) {
    archive_(value);
  }
  template <typename Number>
  void run(const Number* data, std::size_t count) {
    archive_(byte_run(data, count));
  }
  void text(std::string_view text) {
    INVARIANT(text.size() <= std::numeric_limits<std::uint16_t>::max());
    number(static_cast<std::uint16_t>(text.size()));
    run(text.data(), text.size());
  }
  void shard(const Shard& shard) {
    text(shard.name);
    run(shard.id.bytes.data(), shard.id.bytes.size());
    number(shard.weight);
    number(static_cast<std::uint32_t>(shard.replicas.size()));
    for (const Address& address : shard.replicas) {
      text(address.host);
      number(address.port);
    }
  }

 private:
  std::ostringstream stream_;
  cereal::PortableBinaryOutputArchive archive_{stream_,
                                               cereal::PortableBinaryOutputArchive::Options::LittleEndian()};
};

// Throws cereal::Exception at the first thing that cannot be; decode_topology catches it.
class PayloadReader {
 public:
  explicit PayloadReader(std::string_view payload) : stream_(std::string(payload)), archive_(stream_) {}

  template <typename Number>
  Number number() {
    Number value{};
    archive_(value);
    return value;
  }
  template <typename Number>
  void run(Number* data, std::size_t count) {
    archive_(byte_run(data, count));
  }
  std::string text(std::size_t bytes_max) {
    std::string text(bounded(number<std::uint16_t>(), bytes_max, "a text is too long"), '\0');
    run(text.data(), text.size());
    return text;
  }
  Shard shard() {
    Shard shard;
    shard.name = text(limits::kShardNameBytesMax);
    run(shard.id.bytes.data(), shard.id.bytes.size());
    shard.weight = number<std::uint32_t>();
    const std::size_t replicas = bounded(number<std::uint32_t>(), limits::kReplicasMax, "too many replicas");
    for (std::size_t i = 0; i < replicas; ++i) {
      Address address;
      address.host = text(kHostBytesMax);
      address.port = number<std::uint16_t>();
      shard.replicas.push_back(std::move(address));
    }
    return shard;
  }
  Topology topology() {
    Topology topology;
    run(topology.cluster.bytes.data(), topology.cluster.bytes.size());
    topology.version.generation = number<std::uint64_t>();
    topology.version.epoch.value = number<std::uint64_t>();
    topology.authority = text(limits::kShardNameBytesMax);
    const std::size_t shards = bounded(number<std::uint32_t>(), limits::kShardsMax, "too many shards");
    for (std::size_t i = 0; i < shards; ++i) topology.shards.push_back(shard());
    run(topology.slots.data(), topology.slots.size());
    if (stream_.peek() != std::istringstream::traits_type::eof()) {
      throw cereal::Exception("bytes after the end");
    }
    return topology;
  }

 private:
  static std::size_t bounded(std::size_t value, std::size_t most, const char* what) {
    if (value > most) throw cereal::Exception(what);
    return value;
  }

  std::istringstream stream_;
  cereal::PortableBinaryInputArchive archive_;
};

// The payload, once the header has shown that it arrived as it was sent.
Result<std::string_view> open_sealed(std::string_view bytes) {
  if (bytes.size() > limits::kTopologyBytesMax) {
    return Error{
        fmt::format("a topology of {} bytes; the most is {}", bytes.size(), limits::kTopologyBytesMax)};
  }
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic)) return Error{"these bytes are no topology"};
  const auto format = little_endian<std::uint32_t>(bytes.substr(4));
  if (format > kTopologyFormat) {
    return Error{
        fmt::format("the topology has format {}, but this version of Ringhold reads only up to {}; "
                    "update this server",
                    format, kTopologyFormat)};
  }
  if (format == 0) return Error{"these bytes are no topology"};
  const std::string_view payload = bytes.substr(kHeaderBytes);
  if (XXH3_64bits(payload.data(), payload.size()) != little_endian<std::uint64_t>(bytes.substr(8))) {
    return Error{"the topology is damaged: its checksum is wrong"};
  }
  if (!payload.starts_with(kLittleEndian)) return Error{"these bytes are no topology"};
  return payload;
}

}  // namespace

std::string seal_topology_payload(std::string_view payload, std::uint32_t format) {
  std::string bytes(kMagic);
  append_little_endian(bytes, format);
  append_little_endian(bytes, std::uint64_t{XXH3_64bits(payload.data(), payload.size())});
  return bytes.append(payload);
}

std::string encode_topology(const Topology& topology) {
  PayloadWriter writer;
  writer.run(topology.cluster.bytes.data(), topology.cluster.bytes.size());
  writer.number(topology.version.generation);
  writer.number(topology.version.epoch.value);
  writer.text(topology.authority);
  writer.number(static_cast<std::uint32_t>(topology.shards.size()));
  for (const Shard& shard : topology.shards) writer.shard(shard);
  writer.run(topology.slots.data(), topology.slots.size());
  return seal_topology_payload(std::move(writer).take());
}

Result<Topology> decode_topology(std::string_view bytes) {
  const auto payload = open_sealed(bytes);
  if (!payload) return payload.error();
  try {
    Topology topology = PayloadReader(*payload).topology();
    if (auto good = check_topology(topology); !good) return good.error();
    return topology;
  } catch (const std::exception& error) {
    return Error{fmt::format("the topology cannot be read: {}", error.what())};
  }
}

}  // namespace ringhold
