// CONFIG GET and SET: named parameters, each with a getter and perhaps a setter.
//
// One per loop; the closures see that loop's own parts. A proxy gives each worker a table with the same
// parameters, and hands a change that one table accepted to the other workers' tables. Names are Redis's
// where Redis has them.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace ringhold {

using ConfigPair = std::pair<std::string, std::string>;  // name, value

struct ConfigParameter {
  std::string name;  // lower case
  std::function<std::string()> get;
  // Empty: cannot be set. An error is the reason alone, in Redis's words ("argument must be 'yes' or 'no'").
  // A setter accepts everything that its getter returns, because that is how a failed CONFIG SET is taken
  // back.
  std::function<Result<void>(std::string_view)> set;
};

class ConfigTable {
 public:
  // A second parameter of one name replaces the first.
  void add(ConfigParameter parameter);

  // What CONFIG GET shows: each parameter that one of the patterns matches, once, ascending by name. Patterns
  // are globs, in any case; a name without glob characters is a pattern too.
  std::vector<ConfigPair> match(std::span<const std::string_view> patterns) const;
  // CONFIG SET name value [name value ...], all or nothing. Errors are complete replies in Redis's words:
  // "ERR Unknown option or number of arguments for CONFIG SET - 'x'". Precondition: an even number of
  // elements.
  Result<void> set(std::span<const std::string_view> names_and_values);
  // As it was accepted by another worker's table.
  Result<void> set(std::span<const ConfigPair> pairs);

 private:
  const ConfigParameter* find(std::string_view name) const;  // any case

  std::vector<ConfigParameter> parameters_;  // ascending by name
};

// Parameters of the usual kinds; values are checked as Redis checks them, and in its words.
struct IntegerRange {
  std::int64_t min = 0;
  std::int64_t max = INT64_MAX;
};
ConfigParameter config_constant(std::string name, std::string value);
ConfigParameter config_integer(std::string name, IntegerRange range, std::function<std::int64_t()> get,
                               std::function<void(std::int64_t)> set);
// Takes "100mb" too; shows bytes. The range is in bytes.
ConfigParameter config_memory(std::string name, std::function<std::uint64_t()> get,
                              std::function<void(std::uint64_t)> set, IntegerRange range = {});
ConfigParameter config_bool(std::string name, std::function<bool()> get, std::function<void(bool)> set);
// `set` gets the one of `choices` that was meant (any case matches).
ConfigParameter config_choice(std::string name, std::vector<std::string> choices,
                              std::function<std::string()> get, std::function<void(std::string_view)> set);

class Slowlog;
// What every process has: slowlog-log-slower-than and slowlog-max-len on `slowlog` (which outlives the
// table), and the constants that stock clients, benchmarks and exporters ask for (save "", appendonly no,
// databases 1, ...). What only one kind of process has (maxmemory, maxclients, timeout) its owner adds,
// before or after.
void add_common_parameters(ConfigTable& table, Slowlog& slowlog);

}  // namespace ringhold
