// MemberTable: the elements of a large hash, set or sorted set, found by name, in hash order.
//
// Extendible hashing (Fagin, Nievergelt, Pippenger and Strong, 1979): the top bits of an element's 64-bit
// hash choose, through a directory, one of many small TagTables (the leaves), which is split when it is full
// and merged with its buddy when both are nearly empty. So growing a table of millions of elements never
// touches more than the 2,000 of one leaf. Elements are met in the order of (hash, name): the order, scans
// and random picks depend on nothing but the names and the seed.
//
// It is a part of a Collection, whose destructor does not free it: call free_some until it says true. bytes()
// is what it has allocated, itself not included.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "dataserver/store/counted_heap.h"
#include "dataserver/store/element.h"
#include "dataserver/store/slow_reader.h"
#include "dataserver/store/tag_table.h"

namespace ringhold {

class MemberTable {
 private:
  struct Leaf;

 public:
  // Where an element stands. Valid until the next insert or erase; its element stays valid until it is erased
  // itself or given another value.
  struct Place {
    Element* element = nullptr;
    TagTable::Bucket* bucket = nullptr;
    Leaf* leaf = nullptr;
    explicit operator bool() const { return element != nullptr; }
  };

  // `seed` is StoreOptions::seed.
  explicit MemberTable(std::uint64_t seed) : seed_(seed) {}
  MemberTable(const MemberTable&) = delete;
  MemberTable& operator=(const MemberTable&) = delete;

  std::uint64_t seed() const { return seed_; }
  std::size_t size() const { return size_; }
  std::size_t bytes() const { return bytes_; }
  std::size_t recount_bytes() const;
  std::uint64_t hash(std::string_view name) const { return member_hash(name, seed_); }

  // Empty if there is none.
  Place find(std::string_view name) const { return find(name, hash(name)); }
  Place find(std::string_view name, std::uint64_t hash) const;
  // The caller fills the value. Precondition: the name is absent.
  Place insert(CountedHeap& heap, std::string_view name, std::size_t value_size) {
    return insert(heap, name, hash(name), value_size);
  }
  Place insert(CountedHeap& heap, std::string_view name, std::uint64_t hash, std::size_t value_size);
  // The caller fills the value, whose bytes are lost. The element may move.
  char* resize_value(CountedHeap& heap, Place& place, std::size_t value_size);
  // The value's bytes, which the caller is about to write to.
  char* edit_value(const Place& place) {
    tell_readers(place);
    return place.element->mutable_value();
  }
  // The element is destroyed.
  void erase(CountedHeap& heap, const Place& place);

  // Iteration in the order of (hash, name); an empty place is the end.
  Place first() const { return first_from(0); }
  Place next(const Place& place) const;
  // The first element whose hash is at least `hash`.
  Place first_from(std::uint64_t hash) const;
  std::uint64_t hash_of(const Place& place) const { return hash(place.element->name()); }

  // The element that has `index` others before it in its bin: the hash space has 2^bits bins, and an
  // element's is the top `bits` of its hash. Null if the bin has not so many. See random_pick.h.
  Element* in_bin(unsigned bits, std::uint64_t bin, std::size_t index) const;

  // Makes a copy of everything in `to`, which is empty and has the same seed.
  void clone_to(CountedHeap& heap, MemberTable& to) const;
  // As Collection::free_some.
  bool free_some(CountedHeap& heap, std::size_t& steps);

  // Of class MemberReader.
  ReaderList& readers() { return readers_; }

 private:
  // All elements whose hash starts with the `depth` bits `prefix`.
  struct Leaf {
    TagTable table;
    std::uint32_t prefix = 0;
    std::uint32_t depth = 0;
  };
  class ByteCount;

  std::size_t slot_of(std::uint64_t hash) const { return hash >> 1U >> (63 - depth_); }
  static std::uint64_t tag_of(std::uint64_t hash, std::uint32_t depth) {
    return hash << depth >> (64 - TagTable::kTagBits);
  }
  std::size_t slots() const { return std::size_t{1} << depth_; }
  std::size_t first_slot(const Leaf& leaf) const { return std::size_t{leaf.prefix} << (depth_ - leaf.depth); }
  std::size_t slots_of(const Leaf& leaf) const { return std::size_t{1} << (depth_ - leaf.depth); }
  static Place place_of(Leaf* leaf, TagTable::Bucket* bucket) {
    return {static_cast<Element*>(TagTable::item_of(*bucket)), bucket, leaf};
  }
  Place first_from_slot(std::size_t slot) const;
  bool is_in_bin(const Place& place, unsigned bits, std::uint64_t bin) const;

  // Before an element changes or goes.
  void tell_readers(const Place& place) const {
    if (!readers_.empty()) [[unlikely]]
      set_aside(place);
  }
  void set_aside(const Place& place) const;

  using Buckets = std::vector<TagTable::Bucket>;
  static Leaf* make_leaf(CountedHeap& heap, std::uint32_t prefix, std::uint32_t depth);
  void make_first_leaf(CountedHeap& heap);
  void enter(Leaf* leaf);
  void resize_directory(CountedHeap& heap, std::uint32_t depth);
  bool may_split(const Leaf& leaf) const;
  void split(CountedHeap& heap, Leaf* leaf);
  Leaf* merge(CountedHeap& heap, Leaf* leaf);
  std::size_t retag(const Leaf& from, std::uint32_t depth, Buckets& all) const;

  std::uint64_t seed_;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
  Leaf** directory_ = nullptr;  // of 2^depth_ slots; a leaf of a smaller depth stands in several
  std::uint32_t depth_ = 0;     // of the directory
  std::uint32_t deepest_ = 0;   // leaves of that depth
  struct Freeing {
    std::size_t slots = 0;      // of the directory, to go: the first ones; 0 before free_some has begun
    TagTable::Detached table;   // of the last one of them
    std::uint32_t buckets = 0;  // of it, to go: the first ones
  };
  Freeing freeing_;
  ReaderList readers_;
};

}  // namespace ringhold
