#include "tests/sim/scenario/file_editor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ringhold::sim {

using std::chrono::milliseconds;

FileEditor::FileEditor(SimWorld& world, SimCluster& cluster, const Plan& plan)
    : world_(world), cluster_(cluster), plan_(plan), rng_(plan.seed, "editor") {
  wanted_.short_form = plan.short_form;
  for (std::uint32_t i = 0; i < plan.servers; ++i) wanted_.servers.push_back(spec_of(cluster.servers()[i]));
  std::sort(wanted_.servers.begin(), wanted_.servers.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
}

ShardSpec FileEditor::spec_of(const SimServer& server) const {
  return {server.shard, 1, {server.address}};
}

std::string FileEditor::text() const {
  if (!plan_.short_form) return format_servers_file(wanted_);
  std::string list;
  for (const ShardSpec& spec : wanted_.servers) {
    list += fmt::format("{}{{\"addr\": \"{}\", \"weight\": {}}}", list.empty() ? "" : ",\n ",
                        spec.replicas[0].text(), spec.weight);
  }
  return "[" + list + "]\n";
}

void FileEditor::write_first() {
  for (SimProxy& proxy : cluster_.proxies()) proxy.process->files().write(kServersFile, text());
}

void FileEditor::start() {
  if (plan_.edit_interval_ms > 0) next();
}

void FileEditor::end() {
  over_ = true;
  // Not quite the same bytes as before, so that a proxy that has read them at its start sees an edit.
  last_words_ += "\n";
  for (SimProxy& proxy : cluster_.proxies()) proxy.process->files().write(kServersFile, text() + last_words_);
}

void FileEditor::next() {
  world_.after(milliseconds(rng_.between(100, 2 * plan_.edit_interval_ms)), [this] {
    if (over_) return;
    edit();
    next();
  });
}

void FileEditor::edit() {
  const std::size_t first = rng_.below(cluster_.proxies().size());
  if (rng_.one_in(4)) {
    // Nothing may change: not for this proxy, and not for the others.
    note("a bad edit at " + cluster_.proxies()[first].name);
    save_badly(cluster_.proxies()[first].process->files(), text());
    return;
  }
  if (!change_wanted()) return;
  // One proxy's file is enough; the operator brings the others up to date later.
  for (std::size_t i = 0; i < cluster_.proxies().size(); ++i) {
    SimFiles& files = cluster_.proxies()[(first + i) % cluster_.proxies().size()].process->files();
    const auto delay = i == 0 ? milliseconds(0) : milliseconds(rng_.between(1, 90));
    world_.after(delay, [this, &files, content = text()] {
      if (!over_) save(files, content);
    });
  }
}

bool FileEditor::has_witness_but(const std::string& but) const {
  if (plan_.proxies == 0) return true;
  const auto& list = wanted_.servers;
  return std::any_of(cluster_.servers().begin(), cluster_.servers().end(), [&](const SimServer& server) {
    const bool listed =
        std::any_of(list.begin(), list.end(), [&](const auto& s) { return s.name == server.shard; });
    return listed && server.shard != but && server.program && server.program->topology() != nullptr;
  });
}

bool FileEditor::change_wanted() {
  std::vector<ShardSpec>& list = wanted_.servers;
  const std::uint64_t roll = rng_.below(10);
  if (roll < 4) {
    std::vector<ShardSpec> absent;
    for (const SimServer& server : cluster_.servers()) {
      const ShardSpec spec = spec_of(server);
      if (std::none_of(list.begin(), list.end(), [&](const auto& s) { return s.name == spec.name; }))
        absent.push_back(spec);
    }
    if (absent.empty()) return false;
    list.push_back(rng_.pick(absent));
    note("add " + list.back().name);
  } else if (roll < 7) {
    if (list.size() < 2) return false;
    const std::size_t at = rng_.below(list.size());
    if (!has_witness_but(list[at].name)) return false;
    note("remove " + list[at].name);
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(at));
  } else {
    ShardSpec& spec = list[rng_.below(list.size())];
    spec.weight = static_cast<std::uint32_t>(rng_.between(1, 5));
    note(fmt::format("weight of {} becomes {}", spec.name, spec.weight));
  }
  std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return true;
}

void FileEditor::save(SimFiles& files, const std::string& content) {
  const auto later = [this, &files, content](std::int64_t ms) {
    world_.after(milliseconds(ms), [this, &files, content] {
      if (!over_) files.write(kServersFile, content);
    });
  };
  switch (rng_.below(4)) {
    case 0:
      files.write(kServersFile, content);
      return;
    case 1:
      files.write(std::string(kServersFile) + ".tmp", content);
      files.rename(std::string(kServersFile) + ".tmp", kServersFile);
      return;
    case 2:
      files.write(kServersFile, content.substr(0, rng_.below(content.size())));
      later(rng_.between(1, 60));
      return;
    default:
      files.remove(kServersFile);
      later(rng_.between(1, 60));
  }
}

void FileEditor::save_badly(SimFiles& files, const std::string& good) {
  if (rng_.one_in(4)) {
    files.remove(kServersFile);
  } else {
    files.write(kServersFile, bad_text(good));
  }
  world_.after(milliseconds(rng_.between(1, 800)), [this, &files] {
    if (!over_) files.write(kServersFile, text());
  });
}

std::string FileEditor::bad_text(const std::string& good) {
  const std::string address = wanted_.servers[0].replicas[0].text();
  switch (rng_.below(7)) {
    case 0:
      return "[]";
    case 1:
      return "";
    case 2:
      return good.substr(0, good.size() / 2);
    case 3:
      return fmt::format("[{{\"addr\": \"{0}\"}}, {{\"addr\": \"{0}\"}}]", address);
    case 4:
      return "[{\"addr\": \"10.0.1.1:99999\"}]";
    case 5:
      return fmt::format("[{{\"addr\": \"{}\", \"weight\": -1}}]", address);
    default:
      return "{\"servers\": \"none\"}";
  }
}

void FileEditor::note(const std::string& what) {
  const double seconds = static_cast<double>(world_.now().time_since_epoch().count()) / 1e6 - 1000;
  history_.push_back(fmt::format("{:.6f}: {}", seconds, what));
}

}  // namespace ringhold::sim
