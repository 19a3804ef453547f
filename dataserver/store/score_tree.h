// ScoreTree: the elements of a large sorted set in the order of (score, bytes of the member).
//
// A B+ tree of counted nodes: a leaf holds addresses of elements, an inner node its children with how many
// elements each has and the first of them. So a member's rank, the member of a rank, and where a score or a
// name would stand are found in O(log n). A node has at most kFanOut items and is allocated as large as it
// needs to be, so that a member costs 9 to 10 bytes of tree whatever the order of insertion.
//
// It does not own its elements (a MemberTable does), but reads their names and scores; neither may change
// while an element is in the tree. Like a MemberTable it is a part of a Collection, whose destructor does not
// free it: call free_some until it says true.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include "dataserver/store/counted_heap.h"
#include "dataserver/store/element.h"

namespace ringhold {

inline double score_of(const Element& element) {
  double score = 0;
  std::memcpy(&score, element.value().data(), sizeof(score));
  return score;
}

// A place between two members in the order of (score, name).
struct ScoreCut {
  enum class Side : std::uint8_t {
    kBeforeScore,  // before all members with this score
    kBeforeName,   // before the member with this score and name
    kAfterName,
    kAfterScore,  // after all members with this score
  };
  double score = 0;
  Side side = Side::kBeforeScore;
  std::string_view name;

  // Whether a member stands before the cut.
  bool follows(double member_score, std::string_view member) const;
};

enum class Direction : std::uint8_t { kForward, kBackward };

class ScoreTree {
 public:
  ScoreTree() = default;
  ScoreTree(const ScoreTree&) = delete;
  ScoreTree& operator=(const ScoreTree&) = delete;

  std::size_t size() const { return size_; }
  std::size_t bytes() const { return bytes_; }
  // Checks on the way that the nodes agree with each other.
  std::size_t recount_bytes() const { return root_ == nullptr ? 0 : recount(*root_); }

  // Precondition: no element with this score and name is there.
  void insert(CountedHeap& heap, const Element* element);
  // Precondition: the element is there.
  void erase(CountedHeap& heap, const Element* element);

  // How many elements stand before the cut.
  std::size_t count_before(const ScoreCut& cut) const;
  std::size_t rank_of(const Element& element) const {
    return count_before({score_of(element), ScoreCut::Side::kBeforeName, element.name()});
  }
  // Precondition: rank < size().
  const Element* at(std::size_t rank) const;
  // Precondition: size() > 0.
  const Element* first() const { return at(0); }
  const Element* last() const;

  // Visits (const Element&) `count` elements from `rank` on, upwards or downwards; fewer where the order
  // ends.
  template <typename Visit>
  void walk(std::size_t rank, std::size_t count, Direction direction, Visit&& visit) const;

  // As Collection::free_some.
  bool free_some(CountedHeap& heap, std::size_t& steps);

 private:
  static constexpr std::size_t kFanOut = 63;           // so that the fullest nodes fill a size class
  static constexpr std::size_t kFew = kFanOut / 4;     // a node with fewer items looks for a partner
  static constexpr std::size_t kMerged = kFanOut / 2;  // what a merged node has at most

  struct Node;
  struct Child {
    Node* node;
    const Element* low;  // the first element under it, and its score
    double low_score;
    std::uint64_t count;  // of the elements under it
    bool starts_before(const ScoreCut& cut) const;
  };
  // Its items follow it: a leaf's `const Element*`, an inner node's `Child`.
  struct Node {
    std::uint32_t items;
    std::uint32_t level;  // 0: a leaf
    bool is_leaf() const { return level == 0; }
    const Element** elements() { return reinterpret_cast<const Element**>(this + 1); }
    const Element* const* elements() const { return reinterpret_cast<const Element* const*>(this + 1); }
    Child* children() { return reinterpret_cast<Child*>(this + 1); }
    const Child* children() const { return reinterpret_cast<const Child*>(this + 1); }
  };
  static_assert(sizeof(Node) == 8 && sizeof(Child) == 32);
  // What walk() still has to do.
  struct Walk {
    std::size_t skip;
    std::size_t count;
  };

  static std::size_t item_bytes(const Node& node) {
    return node.is_leaf() ? sizeof(const Element*) : sizeof(Child);
  }
  static std::size_t node_bytes(const Node& node) {
    return size_class(sizeof(Node) + node.items * item_bytes(node));
  }
  static std::size_t recount(const Node& node);
  static std::uint64_t count_of(const Node& node);
  static const Element* first_of(const Node& node);
  static Child child_of(Node* node);
  // Of the first child whose elements may hold the cut: the last one that starts before it, or the first.
  static std::size_t child_at(const Node& node, const ScoreCut& cut);

  Node* allocate(CountedHeap& heap, std::uint32_t level, std::size_t items);
  void release(CountedHeap& heap, Node* node);
  // Makes room for `added` items at `at`, or takes `removed` items away; the node may move.
  template <typename Item>
  void splice(CountedHeap& heap, Node*& node, std::size_t at, std::size_t removed, std::size_t added);
  template <typename Item>
  Node* put(CountedHeap& heap, Node*& node, std::size_t at, const Item& item, bool append);
  Node* insert_into(CountedHeap& heap, Node*& node, const Element* element, const ScoreCut& cut, bool append);
  bool erase_from(CountedHeap& heap, Node*& node, const ScoreCut& cut);
  void merge_around(CountedHeap& heap, Node*& parent, std::size_t at);
  bool free_last(CountedHeap& heap, Node*& node, std::size_t& steps);

  template <typename Visit>
  static void walk_node(const Node& node, Walk& left, Direction direction, Visit& visit);

  Node* root_ = nullptr;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
};

template <typename Visit>
void ScoreTree::walk(std::size_t rank, std::size_t count, Direction direction, Visit&& visit) const {
  if (rank >= size_ || count == 0) return;
  Walk left{direction == Direction::kForward ? rank : size_ - 1 - rank, count};
  walk_node(*root_, left, direction, visit);
}

template <typename Visit>
void ScoreTree::walk_node(const Node& node, Walk& left, Direction direction, Visit& visit) {
  const bool forward = direction == Direction::kForward;
  const auto index = [&node, forward](std::size_t i) { return forward ? i : node.items - 1 - i; };
  if (node.is_leaf()) {
    for (; left.skip < node.items && left.count > 0; ++left.skip, --left.count) {
      visit(*node.elements()[index(left.skip)]);
    }
    left.skip = 0;
    return;
  }
  for (std::size_t i = 0; i < node.items && left.count > 0; ++i) {
    const Child& child = node.children()[index(i)];
    if (left.skip >= child.count) {
      left.skip -= child.count;
    } else {
      walk_node(*child.node, left, direction, visit);
    }
  }
}

}  // namespace ringhold
