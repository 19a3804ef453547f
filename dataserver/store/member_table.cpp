#include "dataserver/store/member_table.h"

#include <algorithm>
#include <new>
#include <span>

#include "dataserver/store/member_reader.h"

namespace ringhold {

namespace {

// A leaf is split when it is full with at least so many buckets, which takes some 0.2 ms.
constexpr std::uint32_t kLeafBucketsMax = 2048;
// Buddies that have so few elements together become one leaf.
constexpr std::uint32_t kMergedElementsMax = 512;
// The directory does not grow beyond one slot for so many elements: names whose hashes agree, made on
// purpose, would double it without end. Their leaf grows instead.
constexpr std::size_t kElementsPerSlotMin = 64;

Element* element_of(TagTable::Bucket bucket) {
  return static_cast<Element*>(TagTable::item_of(bucket));
}

}  // namespace

// --- looking up and going through ---

MemberTable::Place MemberTable::find(std::string_view name, std::uint64_t hash) const {
  if (directory_ == nullptr) return {};
  Leaf* leaf = directory_[slot_of(hash)];
  TagTable::Bucket* bucket = leaf->table.find(tag_of(hash, leaf->depth), [name](const void* item) {
    return static_cast<const Element*>(item)->name() == name;
  });
  return bucket == nullptr ? Place{} : place_of(leaf, bucket);
}

MemberTable::Place MemberTable::first_from_slot(std::size_t slot) const {
  while (directory_ != nullptr && slot < slots()) {
    Leaf* leaf = directory_[slot];
    if (TagTable::Bucket* bucket = leaf->table.first()) return place_of(leaf, bucket);
    slot = first_slot(*leaf) + slots_of(*leaf);
  }
  return {};
}

MemberTable::Place MemberTable::next(const Place& place) const {
  Leaf* leaf = place.leaf;
  if (TagTable::Bucket* bucket = leaf->table.next(place.bucket)) return place_of(leaf, bucket);
  return first_from_slot(first_slot(*leaf) + slots_of(*leaf));
}

MemberTable::Place MemberTable::first_from(std::uint64_t hash) const {
  if (directory_ == nullptr) return {};
  Leaf* leaf = directory_[slot_of(hash)];
  const std::uint64_t tag = tag_of(hash, leaf->depth);
  TagTable::Bucket* bucket = leaf->table.first_from(tag);
  while (bucket != nullptr && TagTable::tag_of(*bucket) == tag &&
         this->hash(element_of(*bucket)->name()) < hash) {
    bucket = leaf->table.next(bucket);
  }
  if (bucket != nullptr) return place_of(leaf, bucket);
  return first_from_slot(first_slot(*leaf) + slots_of(*leaf));
}

// A bin is nearly always told from the leaf and the tag, without a look at the element.
bool MemberTable::is_in_bin(const Place& place, unsigned bits, std::uint64_t bin) const {
  const unsigned known = place.leaf->depth + TagTable::kTagBits;
  if (bits > known) return hash_of(place) >> (64 - bits) == bin;
  const std::uint64_t top =
      std::uint64_t{place.leaf->prefix} << TagTable::kTagBits | TagTable::tag_of(*place.bucket);
  return top >> (known - bits) == bin;
}

Element* MemberTable::in_bin(unsigned bits, std::uint64_t bin, std::size_t index) const {
  Place place = first_from(bits == 0 ? 0 : bin << (64 - bits));
  while (place && is_in_bin(place, bits, bin)) {
    if (index-- == 0) return place.element;
    place = next(place);
  }
  return nullptr;
}

// --- changes ---

MemberTable::Place MemberTable::insert(CountedHeap& heap, std::string_view name, std::uint64_t hash,
                                       std::size_t value_size) {
  readers_.for_each<MemberReader>(
      [&](MemberReader& reader) { reader.before_change(hash, name, std::nullopt); });
  const GrowthCount count(heap, bytes_);
  if (directory_ == nullptr) make_first_leaf(heap);
  Leaf* leaf = directory_[slot_of(hash)];
  while (leaf->table.full() && leaf->table.buckets() >= kLeafBucketsMax && may_split(*leaf)) {
    split(heap, leaf);
    leaf = directory_[slot_of(hash)];
  }
  Element* element = Element::create(heap, name, value_size);
  TagTable::Bucket* bucket =
      leaf->table.insert(heap, tag_of(hash, leaf->depth), element, [this, name, hash](const void* item) {
        const std::string_view other = static_cast<const Element*>(item)->name();
        const std::uint64_t other_hash = this->hash(other);
        return other_hash != hash ? other_hash > hash : other > name;
      });
  ++size_;
  return {element, bucket, leaf};
}

char* MemberTable::resize_value(CountedHeap& heap, Place& place, std::size_t value_size) {
  tell_readers(place);
  const GrowthCount count(heap, bytes_);
  place.element = Element::resize_value(heap, place.element, value_size);
  TagTable::replace(place.bucket, place.element);
  return place.element->mutable_value();
}

void MemberTable::erase(CountedHeap& heap, const Place& place) {
  tell_readers(place);
  const GrowthCount count(heap, bytes_);
  place.leaf->table.erase(heap, place.bucket);
  Element::destroy(heap, place.element);
  --size_;
  for (Leaf* leaf = place.leaf; leaf != nullptr;) leaf = merge(heap, leaf);
}

void MemberTable::set_aside(const Place& place) const {
  const std::uint64_t hash = hash_of(place);
  readers_.for_each<MemberReader>([&](MemberReader& reader) {
    reader.before_change(hash, place.element->name(), place.element->value());
  });
}

// --- the directory ---

void MemberTable::make_first_leaf(CountedHeap& heap) {
  depth_ = 0;
  deepest_ = 1;
  directory_ = static_cast<Leaf**>(heap.allocate(size_class(sizeof(Leaf*))));
  directory_[0] = make_leaf(heap, 0, 0);
}

MemberTable::Leaf* MemberTable::make_leaf(CountedHeap& heap, std::uint32_t prefix, std::uint32_t depth) {
  return ::new (heap.allocate(size_class(sizeof(Leaf)))) Leaf{{}, prefix, depth};
}

// Makes all of a leaf's slots point to it.
void MemberTable::enter(Leaf* leaf) {
  std::fill_n(directory_ + first_slot(*leaf), slots_of(*leaf), leaf);
}

void MemberTable::resize_directory(CountedHeap& heap, std::uint32_t depth) {
  const std::size_t new_slots = std::size_t{1} << depth;
  auto** resized = static_cast<Leaf**>(heap.allocate(size_class(new_slots * sizeof(Leaf*))));
  for (std::size_t i = 0; i < new_slots; ++i) {
    resized[i] = directory_[depth > depth_ ? i >> (depth - depth_) : i << (depth_ - depth)];
  }
  heap.release(directory_, size_class(slots() * sizeof(Leaf*)));
  directory_ = resized;
  depth_ = depth;
  deepest_ = 0;
  for (std::size_t i = 0; i < new_slots; ++i) deepest_ += resized[i]->depth == depth ? 1 : 0;
}

bool MemberTable::may_split(const Leaf& leaf) const {
  return leaf.depth < depth_ || slots() * 2 * kElementsPerSlotMin <= size_;
}

// Adds the buckets of `from` to `all`, with the tags that they have in a leaf of depth `depth`. Returns how
// many of them are in the lower half of the leaf above it: the first ones, since they are in order.
std::size_t MemberTable::retag(const Leaf& from, std::uint32_t depth, Buckets& all) const {
  std::size_t lower = 0;
  for (auto* bucket = from.table.first(); bucket != nullptr; bucket = from.table.next(bucket)) {
    const Element* element = element_of(*bucket);
    const std::uint64_t hash = this->hash(element->name());
    if ((hash >> 1U >> (63 - depth) & 1U) == 0) ++lower;
    all.push_back(TagTable::make(tag_of(hash, depth), element));
  }
  return lower;
}

void MemberTable::split(CountedHeap& heap, Leaf* leaf) {
  if (leaf->depth == depth_) resize_directory(heap, depth_ + 1);
  Buckets all;
  const std::size_t lower = retag(*leaf, leaf->depth + 1, all);
  leaf->table.clear(heap);
  leaf->depth += 1;
  leaf->prefix *= 2;
  Leaf* buddy = make_leaf(heap, leaf->prefix + 1, leaf->depth);
  leaf->table.assign(heap, std::span(all).first(lower));
  buddy->table.assign(heap, std::span(all).subspan(lower));
  enter(buddy);
  if (leaf->depth == depth_) deepest_ += 2;
}

// Returns what became of the two; null if the leaf stays as it is.
MemberTable::Leaf* MemberTable::merge(CountedHeap& heap, Leaf* leaf) {
  if (leaf->depth == 0 || leaf->table.count() > kMergedElementsMax) return nullptr;
  Leaf* buddy = directory_[std::size_t{leaf->prefix ^ 1U} << (depth_ - leaf->depth)];
  if (buddy->depth != leaf->depth || buddy->table.count() + leaf->table.count() > kMergedElementsMax) {
    return nullptr;
  }
  if ((leaf->prefix & 1U) != 0) std::swap(leaf, buddy);
  const std::uint32_t depth = leaf->depth - 1;
  Buckets all;
  for (const Leaf* half : {leaf, buddy}) retag(*half, depth, all);
  if (leaf->depth == depth_) deepest_ -= 2;
  leaf->table.clear(heap);
  leaf->table.assign(heap, all);
  leaf->depth = depth;
  leaf->prefix /= 2;
  enter(leaf);
  buddy->table.clear(heap);
  heap.release(buddy, size_class(sizeof(Leaf)));
  while (deepest_ == 0) resize_directory(heap, depth_ - 1);
  return leaf;
}

// --- all of it ---

std::size_t MemberTable::recount_bytes() const {
  if (directory_ == nullptr) return 0;
  std::size_t bytes = size_class(slots() * sizeof(Leaf*));
  for (std::size_t slot = 0; slot < slots(); slot += slots_of(*directory_[slot])) {
    bytes += size_class(sizeof(Leaf)) + directory_[slot]->table.bytes();
  }
  for (Place place = first(); place; place = next(place)) bytes += place.element->bytes();
  return bytes;
}

void MemberTable::clone_to(CountedHeap& heap, MemberTable& to) const {
  const GrowthCount count(heap, to.bytes_);
  if (directory_ == nullptr) return;
  to.directory_ = static_cast<Leaf**>(heap.allocate(size_class(slots() * sizeof(Leaf*))));
  to.depth_ = depth_;
  to.deepest_ = deepest_;
  to.size_ = size_;
  Buckets copies;
  for (std::size_t slot = 0; slot < slots(); slot += slots_of(*directory_[slot])) {
    const Leaf& from = *directory_[slot];
    copies.clear();
    for (auto* bucket = from.table.first(); bucket != nullptr; bucket = from.table.next(bucket)) {
      const Element* element = Element::copy(heap, *element_of(*bucket));
      copies.push_back(TagTable::make(TagTable::tag_of(*bucket), element));
    }
    Leaf* leaf = make_leaf(heap, from.prefix, from.depth);
    leaf->table.assign(heap, copies);
    to.enter(leaf);
  }
}

// From the last slot to the first.
bool MemberTable::free_some(CountedHeap& heap, std::size_t& steps) {
  const GrowthCount count(heap, bytes_);
  if (directory_ == nullptr) return true;
  if (freeing_.slots == 0) freeing_.slots = slots();
  while (freeing_.slots > 0) {
    Leaf* leaf = directory_[freeing_.slots - 1];
    if (freeing_.table.buckets == nullptr) {
      freeing_.table = leaf->table.detach();
      freeing_.buckets = freeing_.table.size;
    }
    for (; freeing_.buckets > 0; --freeing_.buckets) {
      if (steps == 0) return false;
      --steps;
      const TagTable::Bucket bucket = freeing_.table.buckets[freeing_.buckets - 1];
      if (TagTable::occupied(bucket)) Element::destroy(heap, element_of(bucket));
    }
    if (freeing_.table.buckets != nullptr) {
      heap.release(freeing_.table.buckets, freeing_.table.size * sizeof(TagTable::Bucket));
      freeing_.table = {};
    }
    freeing_.slots -= slots_of(*leaf);
    heap.release(leaf, size_class(sizeof(Leaf)));
  }
  heap.release(directory_, size_class(slots() * sizeof(Leaf*)));
  directory_ = nullptr;
  size_ = 0;
  return true;
}

}  // namespace ringhold
