#include "dataserver/parameters.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/limits.h"
#include "common/base/text.h"

namespace ringhold {

namespace {

constexpr const char* kEvictLru = "allkeys-lru";
constexpr const char* kEvictNothing = "noeviction";

// Where a packed form ends. Redis had another name for each before its version 7.
void add_encoding_parameter(Node& node, const std::string& name, std::uint32_t EncodingLimits::*limit) {
  const auto get = [&node, limit] { return std::int64_t{node.store.options().encoding.*limit}; };
  // More than fits into the packed form is cut down to that, as CONFIG GET then shows.
  const auto set = [&node, limit](std::int64_t value) {
    node.store.encoding().*limit = static_cast<std::uint32_t>(std::min(value, limits::kPackedItemsMax));
  };
  const IntegerRange range{};
  node.config.add(config_integer(name, range, get, set));
  std::string old_name = name;
  if (const std::size_t at = old_name.find("listpack"); at != std::string::npos) {
    node.config.add(config_integer(old_name.replace(at, 8, "ziplist"), range, get, set));
  }
}

// list-max-listpack-size: -1 to -5 stand for 4 to 64 KiB. Redis also takes a number of items; this store goes
// by bytes alone.
ConfigParameter list_node_size(Node& node, std::string name) {
  constexpr std::array<std::uint32_t, 5> kSizes = {4096, 8192, 16384, 32768, 65536};
  return {.name = std::move(name),
          .get =
              [&node, kSizes] {
                for (std::size_t i = 0; i < kSizes.size(); ++i) {
                  if (kSizes[i] == node.store.options().encoding.list_bytes)
                    return "-" + std::to_string(i + 1);
                }
                return std::string("-2");
              },
          .set = [&node, kSizes](std::string_view text) -> Result<void> {
            const auto value = parse_int64(text);
            if (!value || *value > -1 || *value < -5) {
              return Error{"argument must be between -5 and -1: the list is divided by bytes, not by items"};
            }
            node.store.encoding().list_bytes = kSizes[static_cast<std::size_t>(-*value - 1)];
            return {};
          }};
}

}  // namespace

std::string eviction_name(Eviction eviction) {
  return eviction == Eviction::kLru ? kEvictLru : kEvictNothing;
}

void add_node_parameters(Node& node) {
  add_common_parameters(node.config, node.slowlog);
  node.config.add(config_constant("maxclients", std::to_string(node.options.connections_max)));
  node.config.add(config_memory(
      "proto-max-bulk-len", [&node] { return node.store.options().value_bytes_max; },
      [&node](std::uint64_t bytes) { node.store.set_value_bytes_max(bytes); },
      // What --value-bytes-max has set can be set again.
      {.min = static_cast<std::int64_t>(std::min<std::uint64_t>(limits::kMiB, node.options.value_bytes_max)),
       .max = static_cast<std::int64_t>(
           std::max<std::uint64_t>(limits::kBulkBytesMax, node.options.value_bytes_max))}));
  node.config.add(config_memory(
      "maxmemory", [&node] { return node.options.max_memory; },
      [&node](std::uint64_t bytes) { node.options.max_memory = bytes; }));
  node.config.add(config_choice(
      "maxmemory-policy", {kEvictNothing, kEvictLru},
      [&node] { return eviction_name(node.options.eviction); },
      [&node](std::string_view word) {
        node.options.eviction = word == kEvictLru ? Eviction::kLru : Eviction::kNone;
      }));
  add_encoding_parameter(node, "hash-max-listpack-entries", &EncodingLimits::hash_entries);
  add_encoding_parameter(node, "hash-max-listpack-value", &EncodingLimits::hash_value_bytes);
  add_encoding_parameter(node, "set-max-intset-entries", &EncodingLimits::set_integers);
  add_encoding_parameter(node, "set-max-listpack-entries", &EncodingLimits::set_entries);
  add_encoding_parameter(node, "set-max-listpack-value", &EncodingLimits::set_value_bytes);
  add_encoding_parameter(node, "zset-max-listpack-entries", &EncodingLimits::zset_entries);
  add_encoding_parameter(node, "zset-max-listpack-value", &EncodingLimits::zset_value_bytes);
  node.config.add(list_node_size(node, "list-max-listpack-size"));
  node.config.add(list_node_size(node, "list-max-ziplist-size"));
}

}  // namespace ringhold
