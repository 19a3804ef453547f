#include "tests/golden/raft_script.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/base/text.h"
#include "tests/golden/raft_text.h"

namespace ringhold::golden {

using namespace raft;

namespace {

constexpr Number kAny = 0;

// "append" of "append after 3.1: 4.2; commit 3".
std::string kind_of(const Message& message) {
  const std::string text = text_of(message.body);
  return text.substr(0, text.find(' '));
}

// Words like "1->2 append": by link, by kind, by both; none: all. "first" behind them: only the first of
// these.
std::optional<RaftWorld::Filter> parse_filter(std::vector<std::string_view> words) {
  const bool only_first = !words.empty() && words.back() == "first";
  if (only_first) words.pop_back();
  std::pair<Number, Number> link{kAny, kAny};
  if (!words.empty() && words[0].find("->") != std::string_view::npos) {
    const auto parsed = parse_link(words[0]);
    if (!parsed) return std::nullopt;
    link = *parsed;
    words.erase(words.begin());
  }
  if (words.size() > 1) return std::nullopt;
  const std::string kind = words.empty() ? "" : std::string(words[0]);
  return [link, kind, only_first, taken = 0](const Message& message) mutable {
    if (link.first != kAny && link.first != number_of(message.from)) return false;
    if (link.second != kAny && link.second != number_of(message.to)) return false;
    if (!kind.empty() && kind != kind_of(message)) return false;
    return !only_first || taken++ == 0;
  };
}

}  // namespace

std::optional<Number> parse_number(std::string_view word) {
  const auto number = parse_uint64(word);
  if (!number || *number == 0 || *number > 9) return std::nullopt;
  return static_cast<Number>(*number);
}

std::optional<std::pair<Number, Number>> parse_link(std::string_view word) {
  const std::size_t arrow = word.find("->");
  if (arrow == std::string_view::npos) return std::nullopt;
  const auto end = [](std::string_view text) {
    return text == "*" ? std::optional(kAny) : parse_number(text);
  };
  const auto from = end(word.substr(0, arrow));
  const auto to = end(word.substr(arrow + 2));
  if (!from || !to) return std::nullopt;
  return std::pair{*from, *to};
}

const std::vector<RaftScript::Row>& RaftScript::rows() {
  using R = RaftScript;
  static const std::vector<Row> all = {
      {"replicas", &R::replicas, true},
      {"learner", &R::learner, true},
      {"log", &R::log, true},
      {"term", &R::term, true},
      {"vote", &R::vote, true},
      {"applied", &R::applied, true},
      {"snapshot", &R::snapshot, true},
      {"set", &R::option, true},
      {"empty", &R::empty},
      {"elect", &R::elect},
      {"lead", &R::lead},
      {"tick", &R::tick},
      {"advance", &R::advance},
      {"run", &R::pass},
      {"deliver", &R::deliver},
      {"drop", &R::drop},
      {"dup", &R::dup},
      {"cut", &R::cut},
      {"heal", &R::heal},
      {"disk", &R::disk},
      {"sync", &R::sync},
      {"stall", &R::stall},
      {"works", &R::works},
      {"crash", &R::crash},
      {"restart", &R::restart},
      {"lose", &R::lose},
      {"spoil", &R::spoil},
      {"no-snapshot", &R::no_snapshot},
      {"propose", &R::propose},
      {"member", &R::member},
      {"transfer", &R::transfer},
      {"may-lead", &R::may_lead},
      {"read", &R::read},
      {"lease", &R::lease},
      {"compact", &R::compact},
      {"lost", &R::lost},
      {"forge", &R::forge},
      {"state", &R::state},
      {"machine", &R::machine},
      {"members", &R::members},
      {"wire", &R::wire},
  };
  return all;
}

std::vector<std::string> RaftScript::run(const std::vector<std::string>& commands) {
  std::vector<std::string> lines;
  for (const std::string& command : commands) {
    // (Each line's notes are taken at once: `silently` concerns its own line only.)
    const bool is_sound = run_line(command);
    for (std::string& line : world_.take_notes()) lines.push_back(std::move(line));
    if (!is_sound) lines.push_back("golden: bad directive: " + command);
  }
  if (lines.empty()) lines.emplace_back("nothing");
  return lines;
}

bool RaftScript::run_line(std::string_view line) {
  Words parts = words(line);
  const bool is_silent = !parts.empty() && parts[0] == "silently";
  const bool is_quiet = is_silent || (!parts.empty() && parts[0] == "quietly");
  if (is_quiet) parts.erase(parts.begin());
  if (parts.empty()) return false;
  const auto row =
      std::find_if(rows().begin(), rows().end(), [&](const Row& one) { return one.name == parts[0]; });
  if (row == rows().end() || (row->is_setup && world_.is_started())) return false;
  if (!row->is_setup && !world_.is_started() && row->name != "empty") world_.start();
  world_.is_quiet = is_quiet;
  const bool is_sound = (this->*row->directive)({parts.begin() + 1, parts.end()});
  world_.is_quiet = false;
  if (is_silent) keep_alarms();
  return is_sound;
}

// Of what was noted, only what must never be.
void RaftScript::keep_alarms() {
  for (std::string& text : world_.take_notes()) {
    if (text.starts_with("SAFETY") || text.find("FAULT") != std::string::npos) world_.note(std::move(text));
  }
}

Node* RaftScript::node(std::string_view word) {
  const auto number = parse_number(word);
  const auto it = number ? world_.nodes().find(*number) : world_.nodes().end();
  return it == world_.nodes().end() ? nullptr : &it->second;
}

Node* RaftScript::node_up(const Words& words) {
  Node* one = words.empty() ? nullptr : node(words[0]);
  return one == nullptr || one->core == nullptr ? nullptr : one;
}

// --- time ---

bool RaftScript::elect(const Words& words) {
  if (node_up(words) == nullptr || words.size() != 1) return false;
  const Number number = *parse_number(words[0]);
  world_.is_quiet = true;
  if (!world_.elect(number)) world_.note(fmt::format("{}: is not elected", number));
  return true;
}

// Elects it, and lets all know what that has committed. Nothing is noted unless it fails.
bool RaftScript::lead(const Words& words) {
  if (!elect(words)) return false;
  const Number number = *parse_number(words[0]);
  world_.deliver_all();
  world_.tick(number);
  world_.deliver_all();
  if (world_.nodes().at(number).core->is_leader()) keep_alarms();
  return true;
}

bool RaftScript::tick(const Words& words) {
  if (node_up(words) == nullptr || words.size() != 1) return false;
  world_.tick(*parse_number(words[0]));
  return true;
}

bool RaftScript::advance(const Words& words) {
  const auto time = words.size() == 1 ? parse_duration(words[0]) : Result<std::chrono::milliseconds>(Error{});
  if (!time.ok()) return false;
  world_.advance(*time);
  return true;
}

bool RaftScript::pass(const Words& words) {
  const auto time = words.size() == 1 ? parse_duration(words[0]) : Result<std::chrono::milliseconds>(Error{});
  if (!time.ok()) return false;
  world_.run(*time);
  return true;
}

// --- the wire ---

bool RaftScript::deliver(const Words& words) {
  if (words.empty()) {
    world_.deliver_all();
    return true;
  }
  const auto filter = parse_filter(words);
  if (!filter) return false;
  if (world_.deliver(*filter) == 0) world_.note("no such message");
  return true;
}

bool RaftScript::drop(const Words& words) {
  const auto filter = parse_filter(words);
  if (!filter) return false;
  if (world_.drop(*filter) == 0) world_.note("no such message");
  return true;
}

bool RaftScript::dup(const Words& words) {
  const auto filter = parse_filter(words);
  if (!filter) return false;
  if (world_.duplicate(*filter) == 0) world_.note("no such message");
  return true;
}

// cut 3; cut 1->2; cut 1 2 (these two from all others)
bool RaftScript::cut(const Words& words) {
  if (words.size() == 1 && parse_link(words[0])) {
    const auto link = *parse_link(words[0]);
    world_.cut(link.first, link.second);
    return true;
  }
  std::set<Number> apart;
  for (const std::string_view word : words) {
    const auto number = parse_number(word);
    if (!number) return false;
    apart.insert(*number);
  }
  for (const auto& [one, unused] : world_.nodes()) {
    for (const auto& [other, also_unused] : world_.nodes()) {
      if (apart.contains(one) != apart.contains(other)) world_.cut(one, other);
    }
  }
  return !apart.empty();
}

bool RaftScript::heal(const Words& words) {
  world_.heal();
  return words.empty();
}

}  // namespace ringhold::golden
