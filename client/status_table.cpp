#include "client/status_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "client/text_table.h"

namespace ringhold::client {

namespace {

constexpr int kBarCells = 20;

// What is shown, from all that there is to what fits on a phone.
struct Layout {
  int bar = kBarCells;  // cells; 0: none
  bool hits = true;
  bool role = true;
  bool slots = true;
  bool address = true;
  bool operations = true;
  bool memory = true;
  bool lag = false;
};
void make_narrower(Layout& layout, int step) {
  switch (step) {
    case 0:
      layout.bar = kBarCells / 2;
      break;
    case 1:
      layout.role = false;
      break;
    case 2:
      layout.hits = false;
      break;
    case 3:
      layout.slots = false;
      break;
    case 4:
      layout.bar = 0;
      break;
    case 5:
      layout.address = false;
      break;
    case 6:
      layout.lag = false;
      break;
    case 7:
      layout.operations = false;
      break;
    default:
      layout.memory = false;
  }
}
constexpr int kSteps = 9;

bool is_share(std::optional<double> share) {
  return share && *share >= 0 && *share <= 1;
}

std::string bar_text(std::optional<double> share, int cells, bool unicode) {
  if (!is_share(share)) return "";
  constexpr std::string_view kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const int eighths = static_cast<int>(std::lround(*share * cells * 8));
  const int full = unicode ? eighths / 8 : static_cast<int>(std::lround(*share * cells));
  std::string bar;
  for (int i = 0; i < full; ++i) bar += unicode ? "█" : "#";
  int drawn = full;
  if (unicode && eighths % 8 != 0) {
    bar += kEighths[eighths % 8];
    ++drawn;
  }
  for (int i = drawn; i < cells; ++i) bar += unicode ? "░" : ".";
  return bar;
}

std::string share_text(std::optional<double> share) {
  return is_share(share) ? fmt::format("{:.1f}%", *share * 100) : "-";
}

std::string hits_text(std::optional<double> hits, std::optional<double> misses) {
  const double all = hits.value_or(0) + misses.value_or(0);
  return all > 0 ? fmt::format("{:.1f}%", hits.value_or(0) * 100 / all) : "-";
}

Colour state_colour(const std::string& state) {
  if (state == "up") return Colour::kGreen;
  return state == "down" ? Colour::kRed : Colour::kYellow;
}

// The figures of one shard, or of all.
struct Figures {
  std::optional<double> slots, share, keys, bytes, hits, misses, ops;

  static void add(std::optional<double>& sum, std::optional<double> part) {
    if (part) sum = sum.value_or(0) + *part;
  }
  void operator+=(const Figures& other) {
    add(slots, other.slots);
    add(share, other.share);
    add(keys, other.keys);
    add(bytes, other.bytes);
    add(hits, other.hits);
    add(misses, other.misses);
    add(ops, other.ops);
  }
};
Figures figures_of(const Json& shard) {
  return {number_of(shard, "slots"), number_of(shard, "share"), number_of(shard, "keys"),
          number_of(shard, "bytes"), number_of(shard, "hits"),  number_of(shard, "misses"),
          number_of(shard, "ops")};
}

class Builder {
 public:
  Builder(const Layout& layout, bool unicode) : layout_(layout), unicode_(unicode), table_(titles(layout)) {}

  void add_shard(const Json& shard) {
    const Figures figures = figures_of(shard);
    all_ += figures;
    ++shards_;
    std::vector<Json> replicas = list_of(shard, "replicas");
    if (replicas.empty()) replicas.emplace_back();
    for (std::size_t i = 0; i < replicas.size(); ++i) {
      std::vector<Cell> row = {{i == 0 ? dash_if_empty(text_of(shard, "name")) : "", Colour::kBold}};
      if (layout_.address) row.push_back({dash_if_empty(text_of(replicas[i], "addr"))});
      if (layout_.role) row.push_back({dash_if_empty(text_of(replicas[i], "role"))});
      const std::string state = state_of(replicas[i]).word;
      row.push_back({dash_if_empty(state), state_colour(state)});
      if (layout_.lag) row.push_back({count_text(number_of(replicas[i], "lag"))});
      if (i == 0) add_figures(row, figures, true);
      table_.add(std::move(row));
    }
  }
  // Of one shard it would say the same again.
  void add_total() {
    if (shards_ < 2) return;
    std::vector<Cell> row = {{"total", Colour::kDim}};
    if (layout_.address) row.emplace_back();
    if (layout_.role) row.emplace_back();
    row.emplace_back();
    if (layout_.lag) row.emplace_back();
    add_figures(row, all_, false);
    table_.add(std::move(row));
  }
  const TextTable& table() const { return table_; }

 private:
  static std::vector<Column> titles(const Layout& layout) {
    std::vector<Column> columns = {{"shard"}};
    if (layout.address) columns.push_back({"address"});
    if (layout.role) columns.push_back({"role"});
    columns.push_back({"state"});
    if (layout.lag) columns.push_back({"lag", true});
    if (layout.slots) columns.push_back({"slots", true});
    columns.push_back({"share", true});
    if (layout.bar > 0) columns.push_back({""});
    columns.push_back({"keys", true});
    if (layout.memory) columns.push_back({"memory", true});
    if (layout.hits) columns.push_back({"hits", true});
    if (layout.operations) columns.push_back({"ops/s", true});
    return columns;
  }

  void add_figures(std::vector<Cell>& row, const Figures& figures, bool with_bar) const {
    if (layout_.slots) row.push_back({count_text(figures.slots)});
    row.push_back({with_bar ? share_text(figures.share) : ""});
    if (layout_.bar > 0) {
      row.push_back({with_bar ? bar_text(figures.share, layout_.bar, unicode_) : "", Colour::kCyan});
    }
    row.push_back({count_text(figures.keys)});
    if (layout_.memory) row.push_back({bytes_text(figures.bytes)});
    if (layout_.hits) row.push_back({hits_text(figures.hits, figures.misses)});
    if (layout_.operations) row.push_back({count_text(figures.ops)});
  }

  Layout layout_;
  bool unicode_;
  TextTable table_;
  Figures all_;
  std::size_t shards_ = 0;
};

Layout full_layout(const std::vector<Json>& shards) {
  Layout layout;
  layout.lag = std::any_of(shards.begin(), shards.end(),
                           [](const Json& shard) { return list_of(shard, "replicas").size() > 1; });
  layout.hits = std::any_of(shards.begin(), shards.end(), [](const Json& shard) {
    return number_of(shard, "hits").value_or(0) + number_of(shard, "misses").value_or(0) > 0;
  });
  return layout;
}

}  // namespace

std::string render_shards(const std::vector<Json>& shards, const StatusStyle& style) {
  Layout layout = full_layout(shards);
  for (int step = 0;; ++step) {
    Builder builder(layout, style.unicode);
    for (const Json& shard : shards) builder.add_shard(shard);
    builder.add_total();
    if (style.columns == 0 || step == kSteps || builder.table().columns() <= style.columns) {
      return builder.table().render(style.colours);
    }
    make_narrower(layout, step);
  }
}

}  // namespace ringhold::client
