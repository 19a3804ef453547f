// SortedSet: a sorted set that has outgrown the packed form (packed_scores.h): its members by name, and in
// order of their scores.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dataserver/store/collection.h"
#include "dataserver/store/member_table.h"
#include "dataserver/store/score_tree.h"

namespace ringhold {

class SortedSet final : public Collection {
 public:
  // `seed` is StoreOptions::seed.
  explicit SortedSet(std::uint64_t seed) : members_(seed), seed_(seed) {}

  // Precondition: the member is absent.
  void insert(CountedHeap& heap, std::string_view member, double score);
  void set_score(CountedHeap& heap, const MemberTable::Place& place, double score);
  void erase(CountedHeap& heap, const MemberTable::Place& place);
  // Members by rank: `count` from `first` on.
  void erase_ranks(CountedHeap& heap, std::size_t first, std::size_t count);

  MemberTable& members() { return members_; }
  const MemberTable& members() const { return members_; }
  const ScoreTree& order() const { return order_; }

  std::size_t size() const override { return members_.size(); }
  std::size_t bytes() const override {
    return size_class(sizeof(SortedSet)) + members_.bytes() + order_.bytes();
  }
  std::size_t recount_bytes() const override;
  Collection* clone(CountedHeap& heap) const override;
  bool free_some(CountedHeap& heap, std::size_t& steps) override;
  void dispose(CountedHeap& heap) override { release_counted(heap, this); }
  ReaderList& readers() override { return members_.readers(); }

 private:
  MemberTable members_;
  ScoreTree order_;
  std::uint64_t seed_;
};

}  // namespace ringhold
