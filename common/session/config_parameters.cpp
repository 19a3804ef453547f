// The usual kinds of parameters, and those that every process has.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "common/base/limits.h"
#include "common/base/text.h"
#include "common/session/config_table.h"
#include "common/session/slowlog.h"

namespace ringhold {

namespace {

Error outside(IntegerRange range) {
  return Error{fmt::format("argument must be between {} and {} inclusive", range.min, range.max)};
}

}  // namespace

ConfigParameter config_constant(std::string name, std::string value) {
  return {.name = std::move(name), .get = [value = std::move(value)] { return value; }, .set = {}};
}

ConfigParameter config_integer(std::string name, IntegerRange range, std::function<std::int64_t()> get,
                               std::function<void(std::int64_t)> set) {
  return {.name = std::move(name),
          .get = [get = std::move(get)] { return std::to_string(get()); },
          .set = [range, set = std::move(set)](std::string_view text) -> Result<void> {
            const std::optional<std::int64_t> value = parse_int64(text);
            if (!value) return Error{"argument couldn't be parsed into an integer"};
            if (*value < range.min || *value > range.max) return outside(range);
            set(*value);
            return {};
          }};
}

ConfigParameter config_memory(std::string name, std::function<std::uint64_t()> get,
                              std::function<void(std::uint64_t)> set, IntegerRange range) {
  return {.name = std::move(name),
          .get = [get = std::move(get)] { return std::to_string(get()); },
          .set = [range, set = std::move(set)](std::string_view text) -> Result<void> {
            const Result<std::uint64_t> value = parse_size(text);
            if (!value) return Error{"argument must be a memory value"};
            if (std::cmp_less(*value, range.min) || std::cmp_greater(*value, range.max))
              return outside(range);
            set(*value);
            return {};
          }};
}

ConfigParameter config_bool(std::string name, std::function<bool()> get, std::function<void(bool)> set) {
  return {.name = std::move(name),
          .get = [get = std::move(get)] { return std::string(get() ? "yes" : "no"); },
          .set = [set = std::move(set)](std::string_view text) -> Result<void> {
            const bool yes = equals_ignore_case(text, "yes");
            if (!yes && !equals_ignore_case(text, "no")) return Error{"argument must be 'yes' or 'no'"};
            set(yes);
            return {};
          }};
}

ConfigParameter config_choice(std::string name, std::vector<std::string> choices,
                              std::function<std::string()> get, std::function<void(std::string_view)> set) {
  return {
      .name = std::move(name),
      .get = std::move(get),
      .set = [choices = std::move(choices), set = std::move(set)](std::string_view text) -> Result<void> {
        const auto found = std::find_if(choices.begin(), choices.end(), [text](const std::string& choice) {
          return equals_ignore_case(choice, text);
        });
        if (found == choices.end()) {
          return Error{fmt::format("argument(s) must be one of the following: {}", fmt::join(choices, ", "))};
        }
        set(*found);
        return {};
      }};
}

void add_common_parameters(ConfigTable& table, Slowlog& slowlog) {
  table.add(config_integer(
      "slowlog-log-slower-than", {.min = -1}, [&slowlog] { return slowlog.threshold_us(); },
      [&slowlog](std::int64_t value) { slowlog.set_threshold_us(value); }));
  table.add(config_integer(
      "slowlog-max-len", {.max = static_cast<std::int64_t>(limits::kSlowlogEntriesMax)},
      [&slowlog] { return static_cast<std::int64_t>(slowlog.length_max()); },
      [&slowlog](std::int64_t value) { slowlog.set_length_max(static_cast<std::size_t>(value)); }));

  // True of every Ringhold process, and asked for by redis-benchmark, exporters and dashboards. The owner
  // replaces what it knows better.
  for (const auto& [name, value] : {
           std::pair{"appendonly", "no"}, std::pair{"databases", "1"}, std::pair{"maxmemory", "0"},
           std::pair{"maxmemory-policy", "noeviction"}, std::pair{"notify-keyspace-events", ""},
           std::pair{"port", "0"},  // no plaintext listener
           std::pair{"save", ""}, std::pair{"tcp-keepalive", "300"},
           std::pair{"timeout", "0"},  // idle clients stay
       }) {
    table.add(config_constant(name, value));
  }
  table.add(config_constant("proto-max-bulk-len", std::to_string(limits::kBulkBytesMax)));
}

}  // namespace ringhold
