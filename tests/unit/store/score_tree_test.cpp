// ScoreTree against a std::set, through random operations and in the orders that are hard on B+ trees.
#include "dataserver/store/score_tree.h"

#include <doctest/doctest.h>

#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/store/random.h"

namespace ringhold {
namespace {

using Side = ScoreCut::Side;
using Key = std::pair<double, std::string>;

class TreeTest {
 public:
  explicit TreeTest(std::uint64_t seed) : random_(seed) {}
  ~TreeTest() {
    std::size_t steps = 1;
    while (!tree_.free_some(heap_, steps)) steps = 1 + random_.below(100);
    CHECK(tree_.bytes() == 0);
    for (const auto& [key, element] : model_) Element::destroy(heap_, element);
    CHECK(heap_.used_bytes() == 0);
  }
  TreeTest(const TreeTest&) = delete;
  TreeTest& operator=(const TreeTest&) = delete;

  bool insert(double score, const std::string& name) {
    const auto [at, added] = model_.try_emplace({score, name}, nullptr);
    if (!added) return false;
    Element* element = Element::create(heap_, name, sizeof(score));
    std::memcpy(element->mutable_value(), &score, sizeof(score));
    at->second = element;
    tree_.insert(heap_, element);
    return true;
  }
  void erase(double score, const std::string& name) {
    const auto at = model_.find({score, name});
    if (at == model_.end()) return;
    tree_.erase(heap_, at->second);
    Element::destroy(heap_, at->second);
    model_.erase(at);
  }
  void erase_at(std::size_t rank) {
    const Key key = std::next(model_.begin(), static_cast<std::ptrdiff_t>(rank))->first;
    erase(key.first, key.second);
  }

  // Few scores, so that ties are as common as they are hard.
  double score() {
    if (random_.one_in(50)) {
      return random_.one_in(2) ? std::numeric_limits<double>::infinity()
                               : -std::numeric_limits<double>::infinity();
    }
    return static_cast<double>(random_.below(40)) / 4 - 5;
  }
  std::string name() { return std::to_string(random_.below(3000)); }
  TestRandom& random() { return random_; }
  const ScoreTree& tree() const { return tree_; }
  std::size_t size() const { return model_.size(); }

  std::size_t expected_before(const ScoreCut& cut) const {
    std::size_t count = 0;
    for (const auto& [key, element] : model_) {
      const bool tie = key.first == cut.score;
      const bool before = key.first < cut.score || (tie && cut.side == Side::kAfterScore) ||
                          (tie && cut.side == Side::kBeforeName && key.second < cut.name) ||
                          (tie && cut.side == Side::kAfterName && key.second <= cut.name);
      if (before) ++count;
    }
    return count;
  }
  void check_cut() {
    constexpr Side kSides[] = {Side::kBeforeScore, Side::kBeforeName, Side::kAfterName, Side::kAfterScore};
    const std::string text = name();
    const ScoreCut cut{score(), kSides[random_.below(4)], text};
    CHECK(tree_.count_before(cut) == expected_before(cut));
  }
  void check_all() {
    REQUIRE(tree_.size() == model_.size());
    CHECK(tree_.bytes() == tree_.recount_bytes());
    std::uint64_t elements = 0;
    for (const auto& [key, element] : model_) elements += element->bytes();
    CHECK(heap_.used_bytes() == tree_.bytes() + elements);
    std::vector<const Element*> order;
    for (const auto& [key, element] : model_) order.push_back(element);
    for (std::size_t rank = 0; rank < order.size(); rank += 1 + random_.below(20)) {
      CHECK(tree_.at(rank) == order[rank]);
      CHECK(tree_.rank_of(*order[rank]) == rank);
    }
    check_walk(order, 0, order.size() + 1);
    if (!order.empty()) check_walk(order, random_.below(order.size()), random_.below(order.size() + 5));
    for (int i = 0; i < 5; ++i) check_cut();
  }

 private:
  void check_walk(const std::vector<const Element*>& order, std::size_t rank, std::size_t count) const {
    std::vector<const Element*> up;
    std::vector<const Element*> down;
    tree_.walk(rank, count, Direction::kForward, [&](const Element& element) { up.push_back(&element); });
    tree_.walk(rank, count, Direction::kBackward, [&](const Element& element) { down.push_back(&element); });
    std::vector<const Element*> expected_up;
    std::vector<const Element*> expected_down;
    for (std::size_t i = rank; i < order.size() && i < rank + count; ++i) expected_up.push_back(order[i]);
    for (std::size_t i = rank + 1; i > 0 && i + count > rank + 1 && i <= order.size(); --i) {
      expected_down.push_back(order[i - 1]);
    }
    CHECK(up == expected_up);
    CHECK(down == expected_down);
  }

  TestRandom random_;
  CountedHeap heap_;
  ScoreTree tree_;
  std::map<Key, Element*> model_;
};

TEST_CASE("score tree: does what a set of pairs does") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    TreeTest test(seed);
    // Grows to a few levels, shrinks to nothing, and grows again.
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 6000; ++i) {
        const bool add = test.random().below(10) < (round == 1 ? 2U : 7U);
        if (add || test.size() == 0) {
          test.insert(test.score(), test.name());
        } else {
          test.erase_at(test.random().below(test.size()));
        }
        if (i % 1500 == 0) test.check_all();
      }
      test.check_all();
    }
    while (test.size() > 0) test.erase_at(test.random().below(test.size()));
    CHECK(test.tree().bytes() == 0);
  }
}

TEST_CASE("score tree: whatever the order of insertion, a member costs little") {
  constexpr int kMembers = 20000;
  TreeTest test(7);
  SUBCASE("upwards") {
    for (int i = 0; i < kMembers; ++i) test.insert(i, "m");
  }
  SUBCASE("downwards") {
    for (int i = kMembers; i > 0; --i) test.insert(i, "m");
  }
  SUBCASE("inwards from both ends") {
    for (int i = 0; i < kMembers; ++i) test.insert(i % 2 == 0 ? i : 2.0 * kMembers - i, "m");
  }
  SUBCASE("at random") {
    while (test.size() < kMembers) test.insert(static_cast<double>(test.random().next()), "m");
  }
  test.check_all();
  const double bytes = static_cast<double>(test.tree().bytes()) / static_cast<double>(test.size());
  CAPTURE(bytes);
  CHECK(bytes < 11);
  // And after most are gone again.
  while (test.size() > kMembers / 10) test.erase_at(test.random().below(test.size()));
  test.check_all();
  CHECK(static_cast<double>(test.tree().bytes()) / static_cast<double>(test.size()) < 14);
}

TEST_CASE("score tree: free_some ends whatever the steps") {
  CountedHeap heap;
  ScoreTree tree;
  std::vector<Element*> elements;
  for (int i = 0; i < 5000; ++i) {
    Element* element = Element::create(heap, std::to_string(i), sizeof(double));
    const double score = i;
    std::memcpy(element->mutable_value(), &score, sizeof(score));
    tree.insert(heap, element);
    elements.push_back(element);
  }
  for (Element* element : elements) Element::destroy(heap, element);
  int slices = 0;
  for (std::size_t steps = 200; !tree.free_some(heap, steps); steps = 200) {
    ++slices;
    CHECK(steps == 0);
    CHECK(tree.bytes() == heap.used_bytes());
  }
  CHECK(slices >= 5000 / 300);
  CHECK(heap.used_bytes() == 0);
}

}  // namespace
}  // namespace ringhold
