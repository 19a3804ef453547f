#include "client/status_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "client/text_table.h"
#include "common/base/text.h"

namespace ringhold::client {

namespace {

using Json = nlohmann::json;

constexpr int kBarCells = 20;

// Fields of a document that somebody else made: whatever is missing, or of another type, is just not there.
const Json& field(const Json& object, const char* name) {
  static const Json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(name);
  return found == object.end() ? nothing : *found;
}
std::string text_of(const Json& object, const char* name) {
  const Json& value = field(object, name);
  return value.is_string() ? printable(value.get_ref<const std::string&>(), 500) : "";
}
std::optional<double> number_of(const Json& object, const char* name) {
  const Json& value = field(object, name);
  if (!value.is_number()) return std::nullopt;
  return value.get<double>();
}
std::vector<Json> list_of(const Json& object, const char* name) {
  const Json& value = field(object, name);
  return value.is_array() ? value.get<std::vector<Json>>() : std::vector<Json>{};
}

// 1234567 → "1,234,567".
std::string count_text(std::optional<double> number) {
  if (!number || !std::isfinite(*number) || std::abs(*number) >= 1e18) return "-";
  std::string digits = fmt::format("{:.0f}", *number);
  for (int at = static_cast<int>(digits.size()) - 3; at > (digits[0] == '-' ? 1 : 0); at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

std::string bytes_text(std::optional<double> bytes) {
  if (!bytes || !(*bytes >= 0)) return "-";
  constexpr std::string_view kUnits[] = {"B", "KB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  double value = *bytes;
  for (; value >= 1024 && unit + 1 < std::size(kUnits); value /= 1024) ++unit;
  return fmt::format("{:.{}f} {}", value, unit == 0 ? 0 : 1, kUnits[unit]);
}

std::string share_text(std::optional<double> share, const StatusStyle& style) {
  if (!share || !(*share >= 0 && *share <= 1)) return "-";
  const int filled = static_cast<int>(std::lround(*share * kBarCells));
  std::string bar;
  for (int i = 0; i < kBarCells; ++i) {
    if (style.unicode) {
      bar += i < filled ? "█" : "░";
    } else {
      bar += i < filled ? '#' : '.';
    }
  }
  return fmt::format("{} {:5.1f}%", bar, *share * 100);
}

// "up", "down", "connecting"; a reason may follow: "down: connection refused".
struct State {
  std::string word;
  std::string reason;
};
State state_of(const Json& replica) {
  const std::string state = text_of(replica, "state");
  const std::size_t colon = state.find(": ");
  if (colon == std::string::npos) return {state, ""};
  return {state.substr(0, colon), state.substr(colon + 2)};
}

Colour state_colour(const std::string& state) {
  if (state == "up") return Colour::kGreen;
  return state == "down" ? Colour::kRed : Colour::kYellow;
}

std::string dash_if_empty(const std::string& text) {
  return text.empty() ? "-" : text;
}

void add_shard(TextTable& table, const Json& shard, bool with_lag, const StatusStyle& style) {
  std::vector<Cell> of_shard = {{count_text(number_of(shard, "slots")), {}},
                                {share_text(number_of(shard, "share"), style), {}},
                                {count_text(number_of(shard, "keys")), {}},
                                {bytes_text(number_of(shard, "bytes")), {}},
                                {count_text(number_of(shard, "ops")), {}}};
  std::vector<Json> replicas = list_of(shard, "replicas");
  if (replicas.empty()) replicas.emplace_back();
  for (std::size_t i = 0; i < replicas.size(); ++i) {
    const std::string state = state_of(replicas[i]).word;
    std::vector<Cell> row = {{i == 0 ? dash_if_empty(text_of(shard, "name")) : "", Colour::kBold},
                             {dash_if_empty(text_of(replicas[i], "addr")), {}},
                             {dash_if_empty(text_of(replicas[i], "role")), {}},
                             {dash_if_empty(state), state_colour(state)}};
    if (with_lag) row.push_back({count_text(number_of(replicas[i], "lag")), {}});
    if (i == 0) row.insert(row.end(), of_shard.begin(), of_shard.end());
    table.add(std::move(row));
  }
}

// How well the memory is used, over all shards that say so.
std::string use_text(const std::vector<Json>& shards) {
  double hits = 0;
  double misses = 0;
  double expired = 0;
  double evicted = 0;
  for (const Json& shard : shards) {
    hits += number_of(shard, "hits").value_or(0);
    misses += number_of(shard, "misses").value_or(0);
    expired += number_of(shard, "expired").value_or(0);
    evicted += number_of(shard, "evicted").value_or(0);
  }
  if (hits + misses + expired + evicted <= 0) return "";
  const std::string rate = hits + misses > 0 ? fmt::format("{:.1f}%", hits * 100 / (hits + misses)) : "-";
  return fmt::format("\nhit rate {}, {} keys expired, {} evicted\n", rate, count_text(expired),
                     count_text(evicted));
}

struct ReplicaCount {
  std::size_t up = 0;
  std::size_t all = 0;
  bool several = false;  // some shard has more than one
};
ReplicaCount count_replicas(const std::vector<Json>& shards) {
  ReplicaCount count;
  for (const Json& shard : shards) {
    const std::vector<Json> replicas = list_of(shard, "replicas");
    count.all += replicas.size();
    count.several |= replicas.size() > 1;
    for (const Json& replica : replicas) count.up += state_of(replica).word == "up" ? 1 : 0;
  }
  return count;
}

std::string headline(const Json& status, const std::vector<Json>& shards, const ReplicaCount& count,
                     const StatusStyle& style) {
  const std::string servers = fmt::format("{} of {} servers up", count.up, count.all);
  const std::string id = text_of(status, "cluster");
  std::string line = id.empty() ? "no cluster" : "cluster " + id;
  line += fmt::format(", epoch {}", count_text(number_of(status, "epoch")));
  if (const std::string authority = text_of(status, "authority"); !authority.empty()) {
    line += ", authority " + authority;
  }
  line += fmt::format(", {} {}, ", shards.size(), shards.size() == 1 ? "shard" : "shards");
  const Colour colour = count.up == count.all ? Colour::kGreen : Colour::kRed;
  return line + (style.colours ? coloured(servers, colour) : servers) + "\n";
}

// Why servers are not up, as far as the document says, one line each.
std::string reasons_text(const std::vector<Json>& shards) {
  std::string text;
  for (const Json& shard : shards) {
    for (const Json& replica : list_of(shard, "replicas")) {
      if (const State state = state_of(replica); !state.reason.empty()) {
        text +=
            fmt::format("{} is {}: {}\n", dash_if_empty(text_of(replica, "addr")), state.word, state.reason);
      }
    }
  }
  return text.empty() ? "" : "\n" + text;
}

// What servers.json asks for and the cluster does not do (yet), in words.
std::string pending_text(const Json& pending, const StatusStyle& style) {
  if (!pending.is_object()) return "";
  const std::string file = text_of(pending, "file");
  const std::string error = text_of(pending, "error");
  std::string text = dash_if_empty(error.empty() ? text_of(pending, "note") : error);
  // Errors about a file usually say themselves which and where.
  if (!text.starts_with(file)) {
    const auto line = number_of(pending, "line");
    text = (line && *line > 0 ? fmt::format("{}, line {:.0f}: ", file, *line) : file + ": ") + text;
  }
  return "\n" + (style.colours ? coloured(text, error.empty() ? Colour::kYellow : Colour::kRed) : text) +
         "\n";
}

}  // namespace

Result<std::string> render_status(std::string_view document, const StatusStyle& style) {
  const Json status = Json::parse(document, nullptr, /*allow_exceptions=*/false);
  if (!status.is_object()) return Error{"the server's status is no JSON object"};
  const std::vector<Json> shards = list_of(status, "shards");
  const ReplicaCount count = count_replicas(shards);

  std::vector<Column> columns = {{"shard"}, {"address"}, {"role"}, {"state"}};
  if (count.several) columns.push_back({"lag", true});
  columns.insert(columns.end(),
                 {{"slots", true}, {"share"}, {"keys", true}, {"memory", true}, {"ops/s", true}});
  TextTable table(std::move(columns));
  for (const Json& shard : shards) add_shard(table, shard, count.several, style);

  std::string out = headline(status, shards, count, style);
  if (!shards.empty()) out += "\n" + table.render(style.colours);
  out += use_text(shards);
  out += reasons_text(shards);
  if (const Json& migration = field(status, "migration"); !migration.is_null()) {
    out += "\nmoving data: " + migration.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  return out + pending_text(field(status, "pending"), style);
}

}  // namespace ringhold::client
