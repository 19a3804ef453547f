#include "dataserver/store/score_tree.h"

#include "common/base/check.h"

namespace ringhold {

bool ScoreCut::follows(double member_score, std::string_view member) const {
  if (member_score != score) return member_score < score;
  switch (side) {
    case Side::kBeforeScore:
      return false;
    case Side::kBeforeName:
      return member < name;
    case Side::kAfterName:
      return member <= name;
    case Side::kAfterScore:
      break;
  }
  return true;
}

bool ScoreTree::Child::starts_before(const ScoreCut& cut) const {
  if (low_score != cut.score) return low_score < cut.score;
  return cut.follows(low_score, low->name());
}

// --- nodes ---

ScoreTree::Node* ScoreTree::allocate(CountedHeap& heap, std::uint32_t level, std::size_t items) {
  const Node head{static_cast<std::uint32_t>(items), level};
  const std::size_t bytes = node_bytes(head);
  Node* node = ::new (heap.allocate(bytes)) Node(head);
  bytes_ += bytes;
  return node;
}

void ScoreTree::release(CountedHeap& heap, Node* node) {
  const std::size_t bytes = node_bytes(*node);
  bytes_ -= bytes;
  heap.release(node, bytes);
}

std::size_t ScoreTree::recount(const Node& node) {
  std::size_t bytes = node_bytes(node);
  if (node.is_leaf()) return bytes;
  for (std::size_t i = 0; i < node.items; ++i) {
    const Child& child = node.children()[i];
    INVARIANT(child.node->level + 1 == node.level && child.node->items <= kFanOut);
    INVARIANT(child.count == count_of(*child.node));
    INVARIANT(child.low == first_of(*child.node) && child.low_score == score_of(*child.low));
    bytes += recount(*child.node);
  }
  return bytes;
}

const Element* ScoreTree::first_of(const Node& node) {
  return node.is_leaf() ? node.elements()[0] : node.children()[0].low;
}

std::uint64_t ScoreTree::count_of(const Node& node) {
  if (node.is_leaf()) return node.items;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < node.items; ++i) count += node.children()[i].count;
  return count;
}

ScoreTree::Child ScoreTree::child_of(Node* node) {
  const Element* low = first_of(*node);
  return {node, low, score_of(*low), count_of(*node)};
}

std::size_t ScoreTree::child_at(const Node& node, const ScoreCut& cut) {
  const Child* children = node.children();
  const Child* end = std::partition_point(children + 1, children + node.items,
                                          [&cut](const Child& child) { return child.starts_before(cut); });
  return static_cast<std::size_t>(end - children) - 1;
}

template <typename Item>
void ScoreTree::splice(CountedHeap& heap, Node*& node, std::size_t at, std::size_t removed,
                       std::size_t added) {
  const std::size_t old_bytes = node_bytes(*node);
  const std::size_t tail = (node->items - at - removed) * sizeof(Item);
  const std::size_t items = node->items - removed + added;
  const std::size_t bytes = size_class(sizeof(Node) + items * sizeof(Item));
  const auto move_tail = [&] {
    Item* first = reinterpret_cast<Item*>(node + 1) + at;
    std::memmove(static_cast<void*>(first + added), first + removed, tail);
  };
  // The tail moves before the node shrinks, and after it has grown.
  if (removed > added) move_tail();
  if (bytes != old_bytes) node = static_cast<Node*>(heap.resize(node, old_bytes, bytes));
  if (removed < added) move_tail();
  node->items = static_cast<std::uint32_t>(items);
  bytes_ = bytes_ - old_bytes + bytes;
}

// Puts an item at `at`. A full node is split first; returns the new right half then. Who appends in order
// leaves full nodes behind, so then only the new item goes to the right.
template <typename Item>
ScoreTree::Node* ScoreTree::put(CountedHeap& heap, Node*& node, std::size_t at, const Item& item,
                                bool append) {
  const auto items_of = [](Node* of) { return reinterpret_cast<Item*>(of + 1); };
  if (node->items < kFanOut) {
    splice<Item>(heap, node, at, 0, 1);
    items_of(node)[at] = item;
    return nullptr;
  }
  const std::size_t kept = append ? kFanOut : (kFanOut + 1) / 2;
  const std::size_t moved = kFanOut - kept;
  Node* right = nullptr;
  if (moved == 0) {
    right = allocate(heap, node->level, 1);
    items_of(right)[0] = item;
    return right;
  }
  right = allocate(heap, node->level, moved);
  std::copy_n(items_of(node) + kept, moved, items_of(right));
  splice<Item>(heap, node, kept, moved, 0);
  Node*& half = at > kept ? right : node;
  const std::size_t at_half = at > kept ? at - kept : at;
  splice<Item>(heap, half, at_half, 0, 1);
  items_of(half)[at_half] = item;
  return right;
}

// --- changing ---

// Returns the node's new right neighbour if it had to be split.
ScoreTree::Node* ScoreTree::insert_into(CountedHeap& heap, Node*& node, const Element* element,
                                        const ScoreCut& cut, bool append) {
  if (node->is_leaf()) {
    const Element** begin = node->elements();
    const Element** at = append
                             ? begin + node->items
                             : std::partition_point(begin, begin + node->items, [&cut](const Element* other) {
                                 return cut.follows(score_of(*other), other->name());
                               });
    return put(heap, node, static_cast<std::size_t>(at - begin), element, append);
  }
  const std::size_t at = append ? node->items - 1 : child_at(*node, cut);
  Child& child = node->children()[at];
  Node* right = insert_into(heap, child.node, element, cut, append);
  ++child.count;
  if (!child.starts_before(cut)) {
    child.low = element;
    child.low_score = cut.score;
  }
  if (right == nullptr) return nullptr;
  const Child added = child_of(right);
  child.count -= added.count;
  return put(heap, node, at + 1, added, append);
}

void ScoreTree::insert(CountedHeap& heap, const Element* element) {
  const ScoreCut cut{score_of(*element), ScoreCut::Side::kBeforeName, element->name()};
  ++size_;
  if (root_ == nullptr) {
    root_ = allocate(heap, 0, 1);
    root_->elements()[0] = element;
    return;
  }
  const Element* greatest = last();
  const bool append = cut.follows(score_of(*greatest), greatest->name());
  Node* right = insert_into(heap, root_, element, cut, append);
  if (right == nullptr) return;
  Node* root = allocate(heap, root_->level + 1, 2);
  root->children()[0] = child_of(root_);
  root->children()[1] = child_of(right);
  root_ = root;
}

// Two neighbours under `parent`, of which one is child number `at`, become one if that has few items.
void ScoreTree::merge_around(CountedHeap& heap, Node*& parent, std::size_t at) {
  if (parent->items == 1 || parent->children()[at].node->items >= kFew) return;
  const std::size_t left = at + 1 < parent->items ? at : at - 1;
  Child& first = parent->children()[left];
  Child& second = parent->children()[left + 1];
  const std::size_t kept = first.node->items;
  const std::size_t moved = second.node->items;
  if (kept + moved > kMerged) return;
  const std::size_t bytes = item_bytes(*first.node);
  if (first.node->is_leaf()) {
    splice<const Element*>(heap, first.node, kept, 0, moved);
  } else {
    splice<Child>(heap, first.node, kept, 0, moved);
  }
  std::memcpy(reinterpret_cast<char*>(first.node + 1) + kept * bytes, second.node + 1, moved * bytes);
  first.count += second.count;
  release(heap, second.node);
  splice<Child>(heap, parent, left + 1, 1, 0);
}

// Erases the element behind `cut`; true if the node has nothing left.
bool ScoreTree::erase_from(CountedHeap& heap, Node*& node, const ScoreCut& cut) {
  if (node->is_leaf()) {
    const Element** begin = node->elements();
    const Element** at = std::partition_point(begin, begin + node->items, [&cut](const Element* other) {
      return cut.follows(score_of(*other), other->name());
    });
    INVARIANT(at != begin + node->items && (*at)->name() == cut.name);
    if (node->items == 1) return true;
    splice<const Element*>(heap, node, static_cast<std::size_t>(at - begin), 1, 0);
    return false;
  }
  // The element may be the first one under its child, which then does not start before the cut.
  ScoreCut behind = cut;
  behind.side = ScoreCut::Side::kAfterName;
  const std::size_t at = child_at(*node, behind);
  Child& child = node->children()[at];
  if (erase_from(heap, child.node, cut)) {
    release(heap, child.node);
    if (node->items == 1) return true;
    splice<Child>(heap, node, at, 1, 0);
    return false;
  }
  --child.count;
  child.low = first_of(*child.node);
  child.low_score = score_of(*child.low);
  merge_around(heap, node, at);
  return false;
}

void ScoreTree::erase(CountedHeap& heap, const Element* element) {
  const ScoreCut cut{score_of(*element), ScoreCut::Side::kBeforeName, element->name()};
  --size_;
  if (erase_from(heap, root_, cut)) {
    release(heap, root_);
    root_ = nullptr;
    return;
  }
  while (!root_->is_leaf() && root_->items == 1) {
    Node* only = root_->children()[0].node;
    release(heap, root_);
    root_ = only;
  }
}

// Frees leaves from the node's end on; true once the node itself may go.
bool ScoreTree::free_last(CountedHeap& heap, Node*& node, std::size_t& steps) {
  if (node->is_leaf()) {
    steps -= std::min<std::size_t>(steps, node->items);
    return true;
  }
  while (node->items > 0) {
    Node*& last_child = node->children()[node->items - 1].node;
    if (steps == 0 || !free_last(heap, last_child, steps)) return false;
    release(heap, last_child);
    splice<Child>(heap, node, node->items - 1, 1, 0);
  }
  return true;
}

bool ScoreTree::free_some(CountedHeap& heap, std::size_t& steps) {
  if (root_ == nullptr) return true;
  if (!free_last(heap, root_, steps)) return false;
  release(heap, root_);
  root_ = nullptr;
  size_ = 0;
  return true;
}

// --- finding ---

std::size_t ScoreTree::count_before(const ScoreCut& cut) const {
  if (root_ == nullptr) return 0;
  std::size_t count = 0;
  const Node* node = root_;
  while (!node->is_leaf()) {
    const std::size_t at = child_at(*node, cut);
    for (std::size_t i = 0; i < at; ++i) count += node->children()[i].count;
    node = node->children()[at].node;
  }
  const Element* const* begin = node->elements();
  const Element* const* end = std::partition_point(
      begin, begin + node->items,
      [&cut](const Element* element) { return cut.follows(score_of(*element), element->name()); });
  return count + static_cast<std::size_t>(end - begin);
}

const Element* ScoreTree::last() const {
  const Node* node = root_;
  while (!node->is_leaf()) node = node->children()[node->items - 1].node;
  return node->elements()[node->items - 1];
}

const Element* ScoreTree::at(std::size_t rank) const {
  INVARIANT(rank < size_);
  const Node* node = root_;
  while (!node->is_leaf()) {
    const Child* child = node->children();
    for (; rank >= child->count; ++child) rank -= child->count;
    node = child->node;
  }
  return node->elements()[rank];
}

}  // namespace ringhold
