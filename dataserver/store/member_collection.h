// A large hash or set: a MemberTable behind an entry. In a hash, an element's value is the field's value.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dataserver/store/collection.h"
#include "dataserver/store/member_table.h"

namespace ringhold {

class MemberCollection final : public Collection {
 public:
  explicit MemberCollection(std::uint64_t seed) : members_(seed) {}

  MemberTable& members() { return members_; }
  const MemberTable& members() const { return members_; }

  std::size_t size() const override { return members_.size(); }
  std::size_t bytes() const override { return size_class(sizeof(*this)) + members_.bytes(); }
  std::size_t recount_bytes() const override { return size_class(sizeof(*this)) + members_.recount_bytes(); }
  Collection* clone(CountedHeap& heap) const override {
    auto* copy = make_counted<MemberCollection>(heap, members_.seed());
    members_.clone_to(heap, copy->members_);
    return copy;
  }
  bool free_some(CountedHeap& heap, std::size_t& steps) override { return members_.free_some(heap, steps); }
  void dispose(CountedHeap& heap) override { release_counted(heap, this); }
  ReaderList& readers() override { return members_.readers(); }

 private:
  MemberTable members_;
};

}  // namespace ringhold
