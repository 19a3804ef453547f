#include "common/session/slowlog.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/base/text.h"

namespace ringhold {
namespace {

constexpr std::string_view kRedacted = "(redacted)";

std::string kept_argument(std::string_view argument) {
  constexpr std::size_t kBytesMax = limits::kSlowlogArgumentBytesMax;
  if (argument.size() <= kBytesMax) return std::string(argument);
  return fmt::format("{}... ({} more bytes)", argument.substr(0, kBytesMax), argument.size() - kBytesMax);
}

// AUTH [user] password, HELLO 3 AUTH user password ...: the position of the first secret, and how many there
// are.
std::pair<std::size_t, std::size_t> secrets(const CommandRow& row, std::span<const std::string_view> args) {
  if (row.id == CommandId::kAuth) return {1, args.size()};
  if (row.id == CommandId::kHello) {
    for (std::size_t i = 2; i < args.size(); ++i) {
      if (equals_ignore_case(args[i], "AUTH")) return {i + 1, 2};
    }
  }
  return {0, 0};
}

std::vector<std::string> kept_arguments(const CommandRow& row, std::span<const std::string_view> args) {
  const auto [first_secret, secret_count] = secrets(row, args);
  const std::size_t kept = std::min(args.size(), limits::kSlowlogArgumentsMax);
  std::vector<std::string> result;
  result.reserve(kept);
  for (std::size_t i = 0; i < kept; ++i) {
    if (i == kept - 1 && kept < args.size()) {
      result.push_back(fmt::format("... ({} more arguments)", args.size() - kept + 1));
    } else if (i >= first_secret && i - first_secret < secret_count) {
      result.emplace_back(kRedacted);
    } else {
      result.push_back(kept_argument(args[i]));
    }
  }
  return result;
}

}  // namespace

void Slowlog::record(const CommandRow& row, std::span<const std::string_view> args, std::int64_t usec,
                     UnixMs now, const ClientState& client) {
  if (row.has(kSkipSlowlog) || length_max_ == 0) return;
  entries_.push_front({.id = next_id_,
                       .logged_at = now,
                       .usec = usec,
                       .args = kept_arguments(row, args),
                       .client_address = client.address.text(),
                       .client_name = client.name});
  next_id_ += stride_;
  if (entries_.size() > length_max_) entries_.pop_back();
}

void Slowlog::set_length_max(std::size_t value) {
  length_max_ = std::min(value, limits::kSlowlogEntriesMax);
  if (entries_.size() > length_max_) entries_.resize(length_max_);
}

std::vector<SlowlogEntry> merge_slowlogs(std::vector<SlowlogEntry> a, std::vector<SlowlogEntry> b,
                                         std::size_t length_max) {
  a.insert(a.end(), std::make_move_iterator(b.begin()), std::make_move_iterator(b.end()));
  // A sort, not a merge: the wall clock may have jumped, and then neither part is in order.
  std::stable_sort(a.begin(), a.end(), [](const SlowlogEntry& x, const SlowlogEntry& y) {
    return x.logged_at != y.logged_at ? x.logged_at > y.logged_at : x.id > y.id;
  });
  if (a.size() > length_max) a.resize(length_max);
  return a;
}

}  // namespace ringhold
