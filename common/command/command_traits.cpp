#include "common/command/command_traits.h"

#include <span>

namespace ringhold {
namespace {

struct FlagName {
  std::uint32_t flag;
  std::string_view name;
};

constexpr FlagName kCommandFlagNames[] = {
    {kWrite, "write"},
    {kReadOnly, "readonly"},
    {kDenyOom, "denyoom"},
    {kAdminFlag, "admin"},
    {kPubSub, "pubsub"},
    {kNoScript, "noscript"},
    {kBlocking, "blocking"},
    {kLoading, "loading"},
    {kStale, "stale"},
    {kSkipSlowlog, "skip_slowlog"},
    {kFast, "fast"},
    {kNoAuth, "no_auth"},
    {kNoAsyncLoading, "no_async_loading"},
    {kNoMulti, "no_multi"},
    {kMovableKeys, "movablekeys"},
    {kAllowBusy, "allow_busy"},
};

constexpr FlagName kKeyFlagNames[] = {
    {kKeyRo, "RO"},         {kKeyRw, "RW"},         {kKeyOw, "OW"},
    {kKeyRm, "RM"},         {kKeyAccess, "access"}, {kKeyUpdate, "update"},
    {kKeyInsert, "insert"}, {kKeyDelete, "delete"}, {kKeyVariableFlags, "variable_flags"},
};

Names names_of(std::uint32_t flags, std::span<const FlagName> table) {
  Names names;
  for (const FlagName& entry : table) {
    if ((flags & entry.flag) != 0) names.push_back(entry.name);
  }
  return names;
}

bool is_pure_container(const CommandRow& row) {
  return row.id != CommandId::kCommand && !subcommands_of(row).empty();
}

bool concerns_keyspace(const CommandRow& row) {
  if (row.keys.patterns) return false;
  return row.group == "generic" || (row.routing == Routing::kScatter && !row.has(kAdminFlag));
}

bool concerns_connection(const CommandRow& row) {
  if (row.group == "connection") return true;
  if (row.group == "cluster") return row.routing == Routing::kConnection && !row.is_subcommand();
  return row.name.substr(0, row.name.find('|')) == "command";
}

// Redis's names of the groups' own categories, where they differ from the group.
std::string_view group_category(const CommandRow& row) {
  if (row.group == "string") return "@string";
  if (row.group == "hash") return "@hash";
  if (row.group == "set") return "@set";
  if (row.group == "list") return "@list";
  if (row.group == "bitmap") return "@bitmap";
  if (row.group == "sorted-set") return "@sortedset";
  return {};
}

}  // namespace

Names command_flag_names(const CommandRow& row) {
  return names_of(row.flags, kCommandFlagNames);
}

Names key_flag_names(std::uint16_t flags) {
  return names_of(flags, kKeyFlagNames);
}

Names acl_categories(const CommandRow& row) {
  Names names;
  const bool container = is_pure_container(row);
  if (!container && concerns_keyspace(row)) names.emplace_back("@keyspace");
  if (row.has(kReadOnly)) names.emplace_back("@read");
  if (row.has(kWrite)) names.emplace_back("@write");
  if (const std::string_view own = group_category(row); !own.empty()) names.push_back(own);
  if (row.keys.patterns) names.insert(names.end(), {"@set", "@sortedset", "@list"});  // SORT
  if (row.has(kPubSub)) names.emplace_back("@pubsub");
  if (row.has(kAdminFlag)) names.emplace_back("@admin");
  names.emplace_back(row.has(kFast) ? "@fast" : "@slow");
  if (row.has(kBlocking)) names.emplace_back("@blocking");
  if (row.has(kAdminFlag) || row.has(kDangerous)) names.emplace_back("@dangerous");
  if (!container && concerns_connection(row)) names.emplace_back("@connection");
  return names;
}

Names command_tips(const CommandRow& row) {
  Names tips;
  if (row.has(kRandomOutput)) tips.emplace_back("nondeterministic_output");
  if (row.routing == Routing::kSplit) tips.emplace_back("request_policy:multi_shard");
  if (row.routing == Routing::kScatter) {
    tips.emplace_back(row.gather == Gather::kScan ? "request_policy:special" : "request_policy:all_shards");
  }
  switch (row.gather) {
    case Gather::kSum:
      tips.emplace_back("response_policy:agg_sum");
      break;
    case Gather::kAllOk:
      tips.emplace_back("response_policy:all_succeeded");
      break;
    case Gather::kRandom:
    case Gather::kNone:
    case Gather::kInOrder:
    case Gather::kConcat:
    case Gather::kScan:
      break;
  }
  if (row.has(kRandomOrder)) tips.emplace_back("nondeterministic_output_order");
  return tips;
}

}  // namespace ringhold
