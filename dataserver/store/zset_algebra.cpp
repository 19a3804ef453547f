#include "dataserver/store/zset_algebra.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>

namespace ringhold::zsets {

namespace {

double or_zero(double score) {
  return std::isnan(score) ? 0 : score;
}

double combine(double a, double b, Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::kMin:
      return b < a ? b : a;
    case Aggregate::kMax:
      return b > a ? b : a;
    case Aggregate::kSum:
      break;
  }
  return or_zero(a + b);
}

void sort_by_size(std::vector<Source>& sources) {
  std::stable_sort(sources.begin(), sources.end(),
                   [](const Source& a, const Source& b) { return a.size() < b.size(); });
}

// Visits (member, combined score) for each member that all sources have. They are sorted by size.
template <typename Visit>
void visit_common(const std::vector<Source>& sources, Aggregate aggregate, Visit&& visit) {
  sources[0].for_each([&](std::string_view member, double score) {
    double combined = or_zero(sources[0].weight * score);
    for (std::size_t i = 1; i < sources.size(); ++i) {
      const auto other = sources[i].score(member);
      if (!other) return;
      combined = combine(combined, *other * sources[i].weight, aggregate);
    }
    visit(member, combined);
  });
}

}  // namespace

std::size_t Source::size() const {
  if (entry_ == nullptr) return 0;
  if (is_sorted()) return ZsetView(*entry_).size();
  return set().size();
}

std::optional<double> Source::score(std::string_view member) const {
  if (entry_ == nullptr) return std::nullopt;
  if (is_sorted()) return ZsetView(*entry_).score(member);
  return set().contains(member) ? std::optional(1.0) : std::nullopt;
}

template <typename Visit>
void Source::for_each(Visit&& visit) const {
  if (entry_ == nullptr) return;
  if (!is_sorted()) {
    return set().for_each([&visit](const StringValue& member) {
      IntText scratch;
      visit(member.text(scratch), 1.0);
    });
  }
  const ZsetView view(*entry_);
  view.walk(0, view.size(), Direction::kForward, visit);
}

std::vector<Member> unite(std::vector<Source> sources, Aggregate aggregate) {
  sort_by_size(sources);
  std::unordered_map<std::string, double> scores;
  scores.reserve(sources.back().size());
  for (const Source& source : sources) {
    source.for_each([&](std::string_view member, double score) {
      const double weighted = or_zero(source.weight * score);
      const auto [at, added] = scores.try_emplace(std::string(member), weighted);
      if (!added) at->second = combine(at->second, weighted, aggregate);
    });
  }
  std::vector<Member> members;
  members.reserve(scores.size());
  while (!scores.empty()) {
    auto node = scores.extract(scores.begin());
    members.push_back({std::move(node.key()), node.mapped()});
  }
  return members;
}

std::vector<Member> intersect(std::vector<Source> sources, Aggregate aggregate) {
  sort_by_size(sources);
  std::vector<Member> members;
  visit_common(sources, aggregate, [&members](std::string_view member, double score) {
    members.push_back({std::string(member), score});
  });
  return members;
}

std::vector<Member> subtract(const std::vector<Source>& sources) {
  std::vector<Member> members;
  sources[0].for_each([&](std::string_view member, double score) {
    const bool elsewhere = std::any_of(sources.begin() + 1, sources.end(), [member](const Source& other) {
      return other.score(member).has_value();
    });
    if (!elsewhere) members.push_back({std::string(member), score});
  });
  return members;
}

std::size_t count_common(std::vector<Source> sources, std::size_t limit) {
  sort_by_size(sources);
  std::size_t count = 0;
  visit_common(sources, Aggregate::kSum, [&count](std::string_view, double) { ++count; });
  return limit == 0 ? count : std::min(count, limit);
}

}  // namespace ringhold::zsets
