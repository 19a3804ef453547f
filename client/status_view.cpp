#include "client/status_view.h"

#include <fmt/format.h>

#include <vector>

#include "client/characters.h"
#include "client/status_fields.h"
#include "client/status_table.h"
#include "client/text_table.h"

namespace ringhold::client {

namespace {

// Broken at blanks into lines of at most so many columns; 0: as it is.
std::string wrapped(std::string_view text, int columns) {
  std::string out;
  int width = 0;
  while (columns > 0 && !text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    const int more = columns_of(word);
    const bool breaks = width > 0 && width + 1 + more > columns;
    if (!out.empty()) out += breaks ? '\n' : ' ';
    out += word;
    width = breaks || out.size() == word.size() ? more : width + 1 + more;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return columns > 0 ? out : std::string(text);
}

// How well the memory is used, over all shards that say so.
std::string use_text(const std::vector<Json>& shards, int columns) {
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
  const std::string text =
      fmt::format("hit rate {}, {} keys expired, {} evicted", rate, count_text(expired), count_text(evicted));
  return "\n" + wrapped(text, columns) + "\n";
}

struct ReplicaCount {
  std::size_t up = 0;
  std::size_t all = 0;
};
ReplicaCount count_replicas(const std::vector<Json>& shards) {
  ReplicaCount count;
  for (const Json& shard : shards) {
    const std::vector<Json> replicas = list_of(shard, "replicas");
    count.all += replicas.size();
    for (const Json& replica : replicas) count.up += state_of(replica).word == "up" ? 1 : 0;
  }
  return count;
}

// The parts of the first line; where there is no room for them, of the first lines.
std::string headline(const Json& status, const std::vector<Json>& shards, const ReplicaCount& count,
                     const StatusStyle& style) {
  std::string id = text_of(status, "cluster");
  constexpr int kWholeIdColumns = 100;
  constexpr std::size_t kShortId = 8;
  if (style.columns > 0 && style.columns < kWholeIdColumns && id.size() > kShortId) id.resize(kShortId);
  std::vector<std::string> parts = {id.empty() ? "no cluster" : "cluster " + id,
                                    fmt::format("epoch {}", count_text(number_of(status, "epoch")))};
  if (const std::string authority = text_of(status, "authority"); !authority.empty()) {
    parts.push_back("authority " + authority);
  }
  parts.push_back(fmt::format("{} {}", shards.size(), shards.size() == 1 ? "shard" : "shards"));
  parts.push_back(fmt::format("{} of {} servers up", count.up, count.all));
  std::string text;
  int width = 0;
  for (const std::string& part : parts) {
    const bool last = &part == &parts.back();
    const int more = static_cast<int>(part.size()) + (last ? 0 : 1);
    const bool breaks = style.columns > 0 && width > 0 && width + 1 + more > style.columns;
    if (!text.empty()) text += breaks ? ",\n" : ", ";
    width = breaks || width == 0 ? more : width + 1 + more;
    text +=
        last && style.colours ? coloured(part, count.up == count.all ? Colour::kGreen : Colour::kRed) : part;
  }
  return text + "\n";
}

// Why servers are not up, as far as the document says, one line each.
std::string reasons_text(const std::vector<Json>& shards, const StatusStyle& style) {
  std::string text;
  for (const Json& shard : shards) {
    for (const Json& replica : list_of(shard, "replicas")) {
      const ReplicaState state = state_of(replica);
      if (state.reason.empty()) continue;
      text += wrapped(fmt::format("{} is {}: {}", dash_if_empty(text_of(replica, "addr")), state.word,
                                  state.reason),
                      style.columns) +
              "\n";
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
  text = wrapped(text, style.columns);
  return "\n" + (style.colours ? coloured(text, error.empty() ? Colour::kYellow : Colour::kRed) : text) +
         "\n";
}

}  // namespace

Result<std::string> render_status(std::string_view document, const StatusStyle& style) {
  const Json status = Json::parse(document, nullptr, /*allow_exceptions=*/false);
  if (!status.is_object()) return Error{"the server's status is no JSON object"};
  const std::vector<Json> shards = list_of(status, "shards");
  std::string out = headline(status, shards, count_replicas(shards), style);
  if (!shards.empty()) out += "\n" + render_shards(shards, style);
  out += use_text(shards, style.columns);
  out += reasons_text(shards, style);
  if (const Json& migration = field(status, "migration"); !migration.is_null()) {
    out += "\nmoving data: " + migration.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  return out + pending_text(field(status, "pending"), style);
}

}  // namespace ringhold::client
