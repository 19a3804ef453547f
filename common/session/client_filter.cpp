#include "common/session/client_filter.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "common/base/text.h"

namespace ringhold {
namespace {

constexpr std::string_view kSyntaxError = "ERR syntax error";

Error syntax_error() {
  return Error{std::string(kSyntaxError)};
}

Result<void> set_type(ClientFilter& filter, std::string_view type) {
  if (equals_ignore_case(type, "normal")) {
    filter.nobody = false;
    return {};
  }
  for (const std::string_view known : {"master", "replica", "slave", "pubsub"}) {
    if (equals_ignore_case(type, known)) {
      filter.nobody = true;
      return {};
    }
  }
  return Error{fmt::format("ERR Unknown client type '{}'", type)};
}

Result<void> set_id(ClientFilter& filter, std::string_view text) {
  const std::optional<std::int64_t> id = parse_int64(text);
  if (!id || *id < 1) return Error{"ERR client-id should be greater than 0"};
  filter.ids = {static_cast<std::uint64_t>(*id)};
  return {};
}

Result<void> set_max_age(ClientFilter& filter, std::string_view text) {
  const std::optional<std::int64_t> seconds = parse_int64(text);
  if (!seconds) return Error{"ERR maxage is not an integer or out of range"};
  if (*seconds <= 0) return Error{"ERR maxage should be greater than 0"};
  filter.older_than_seconds = seconds;
  return {};
}

Result<void> set_skip_me(ClientFilter& filter, std::string_view text) {
  const bool yes = equals_ignore_case(text, "yes");
  if (!yes && !equals_ignore_case(text, "no")) return syntax_error();
  filter.skip_me = yes;
  return {};
}

Result<void> set_condition(ClientFilter& filter, std::string_view name, std::string_view value) {
  if (equals_ignore_case(name, "id")) return set_id(filter, value);
  if (equals_ignore_case(name, "type")) return set_type(filter, value);
  if (equals_ignore_case(name, "maxage")) return set_max_age(filter, value);
  if (equals_ignore_case(name, "skipme")) return set_skip_me(filter, value);
  if (equals_ignore_case(name, "addr")) {
    filter.address = value;
  } else if (equals_ignore_case(name, "laddr")) {
    filter.local_address = value;
  } else if (equals_ignore_case(name, "user")) {
    filter.user = value;
  } else {
    return syntax_error();
  }
  return {};
}

bool older_than(const ClientState& client, std::int64_t seconds, MonoTime now) {
  return std::chrono::duration_cast<std::chrono::seconds>(now - client.connected_at).count() >= seconds;
}

}  // namespace

bool ClientFilter::matches(const ClientState& client, std::uint64_t my_id, MonoTime now) const {
  if (nobody) return false;
  if (skip_me && client.id == my_id) return false;
  if (!ids.empty() && std::find(ids.begin(), ids.end(), client.id) == ids.end()) return false;
  if (address && client.address.text() != *address) return false;
  if (local_address && client.local_address.text() != *local_address) return false;
  if (user && client.user != *user) return false;
  return !older_than_seconds || older_than(client, *older_than_seconds, now);
}

Result<ClientFilter> parse_client_list(std::span<const std::string_view> args) {
  ClientFilter filter{.skip_me = false};
  if (args.size() == 2) return filter;
  if (args.size() == 4 && equals_ignore_case(args[2], "type")) {
    const Result<void> type = set_type(filter, args[3]);
    if (!type) return type.error();
    return filter;
  }
  if (args.size() < 4 || !equals_ignore_case(args[2], "id")) return syntax_error();
  for (const std::string_view text : args.subspan(3)) {
    const std::optional<std::int64_t> id = parse_int64(text);
    if (!id) return Error{"ERR Invalid client ID"};
    filter.ids.push_back(static_cast<std::uint64_t>(*id));
  }
  return filter;
}

Result<ClientKill> parse_client_kill(std::span<const std::string_view> args) {
  ClientKill kill;
  if (args.size() == 3) {
    kill.old_form = true;
    kill.filter.address = args[2];
    kill.filter.skip_me = false;
    return kill;
  }
  if (args.size() < 3 || args.size() % 2 != 0) return syntax_error();
  for (std::size_t i = 2; i < args.size(); i += 2) {
    const Result<void> condition = set_condition(kill.filter, args[i], args[i + 1]);
    if (!condition) return condition.error();
  }
  return kill;
}

}  // namespace ringhold
