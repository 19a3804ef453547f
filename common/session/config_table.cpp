#include "common/session/config_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "common/base/glob.h"
#include "common/base/text.h"

namespace ringhold {
namespace {

Error failed(std::string_view name, std::string_view reason) {
  return Error{fmt::format("ERR CONFIG SET failed (possibly related to argument '{}') - {}", name, reason)};
}

bool name_less(const ConfigParameter& parameter, std::string_view name) {
  return parameter.name < name;
}

}  // namespace

void ConfigTable::add(ConfigParameter parameter) {
  const auto at = std::lower_bound(parameters_.begin(), parameters_.end(), parameter.name, name_less);
  if (at != parameters_.end() && at->name == parameter.name) {
    *at = std::move(parameter);
  } else {
    parameters_.insert(at, std::move(parameter));
  }
}

const ConfigParameter* ConfigTable::find(std::string_view name) const {
  const std::string lower = to_lower(name);
  const auto at = std::lower_bound(parameters_.begin(), parameters_.end(), lower, name_less);
  return at != parameters_.end() && at->name == lower ? &*at : nullptr;
}

std::vector<ConfigPair> ConfigTable::match(std::span<const std::string_view> patterns) const {
  std::vector<ConfigPair> pairs;
  for (const ConfigParameter& parameter : parameters_) {
    const bool wanted = std::any_of(patterns.begin(), patterns.end(), [&](std::string_view pattern) {
      return glob_match(pattern, parameter.name, GlobCase::kIgnore);
    });
    if (wanted) pairs.emplace_back(parameter.name, parameter.get());
  }
  return pairs;
}

Result<void> ConfigTable::set(std::span<const std::string_view> names_and_values) {
  std::vector<const ConfigParameter*> wanted;
  std::set<const ConfigParameter*> seen;
  for (std::size_t i = 0; i + 1 < names_and_values.size(); i += 2) {
    const ConfigParameter* parameter = find(names_and_values[i]);
    if (parameter == nullptr) {
      return Error{fmt::format("ERR Unknown option or number of arguments for CONFIG SET - '{}'",
                               names_and_values[i])};
    }
    if (!parameter->set) return failed(parameter->name, "can't set immutable config");
    if (!seen.insert(parameter).second) return failed(parameter->name, "duplicate parameter");
    wanted.push_back(parameter);
  }

  std::vector<std::string> before;
  before.reserve(wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    before.push_back(wanted[i]->get());
    const Result<void> outcome = wanted[i]->set(names_and_values[2 * i + 1]);
    if (outcome.ok()) continue;
    for (std::size_t done = i; done > 0; --done) {
      INVARIANT(wanted[done - 1]->set(before[done - 1]).ok());
    }
    return failed(wanted[i]->name, outcome.error().message);
  }
  return {};
}

Result<void> ConfigTable::set(std::span<const ConfigPair> pairs) {
  std::vector<std::string_view> names_and_values;
  names_and_values.reserve(2 * pairs.size());
  for (const auto& [name, value] : pairs) {
    names_and_values.push_back(name);
    names_and_values.push_back(value);
  }
  return set(names_and_values);
}

}  // namespace ringhold
