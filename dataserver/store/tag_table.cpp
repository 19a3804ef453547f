#include "dataserver/store/tag_table.h"

#include <algorithm>

#include "common/base/check.h"

namespace ringhold {

namespace {

// Buckets for which the bytes are exactly a size class.
std::uint32_t usable_size(std::uint64_t buckets) {
  return static_cast<std::uint32_t>(size_class(buckets * sizeof(TagTable::Bucket)) /
                                    sizeof(TagTable::Bucket));
}

}  // namespace

TagTable::Bucket TagTable::address_bits(const void* item) {
  const auto address = reinterpret_cast<std::uintptr_t>(item);
  const Bucket bits = address >> kAlignmentBits;
  // User space is 47 bits on x86-64 and 48 on ARM unless a program asks for more.
  INVARIANT((address & ((1U << kAlignmentBits) - 1)) == 0 && bits < kAddressMask);
  return bits;
}

TagTable::Bucket* TagTable::first_from(std::uint64_t tag) const {
  if (count_ == 0) return nullptr;
  Bucket* bucket = occupied_from(home(tag));
  while (bucket != nullptr && tag_of(*bucket) < tag) bucket = next(bucket);
  return bucket;
}

// Puts a bucket where it belongs, those behind it moving up; null if they run over the end, then the table
// has grown and the place is another.
TagTable::Bucket* TagTable::put(CountedHeap& heap, std::uint32_t at, Bucket bucket) {
  std::uint32_t gap = at;
  while (gap < size_ && buckets_[gap] != kEmpty) ++gap;
  if (gap == size_) {
    grow(heap);
    return nullptr;
  }
  std::copy_backward(buckets_ + at, buckets_ + gap, buckets_ + gap + 1);
  buckets_[at] = bucket;
  ++count_;
  return buckets_ + at;
}

void TagTable::erase(CountedHeap& heap, Bucket* bucket) {
  auto hole = static_cast<std::uint32_t>(bucket - buckets_);
  for (std::uint32_t i = hole + 1; i < size_ && buckets_[i] != kEmpty && home(tag_of(buckets_[i])) < i; ++i) {
    buckets_[hole] = buckets_[i];
    hole = i;
  }
  buckets_[hole] = kEmpty;
  --count_;
  if (count_ == 0) {
    clear(heap);
  } else if (size_ > 8 && count_ < size_ / 3) {
    rebuild(heap, count_ + count_ / 2);
  }
}

void TagTable::clear(CountedHeap& heap) {
  if (buckets_ != nullptr) heap.release(buckets_, bytes());
  *this = {};
}

// Whether all items find a place in a table of `size` buckets.
bool TagTable::fits(std::span<const Bucket> items, std::uint32_t size) {
  const std::uint64_t homes = homes_in(size);
  std::uint64_t end = 0;
  for (const Bucket item : items) {
    if (item != kEmpty) end = std::max(end, (tag_of(item) * homes) >> kTagBits) + 1;
  }
  return end <= size;
}

void TagTable::build(CountedHeap& heap, std::span<const Bucket> items, std::uint64_t size) {
  size_ = usable_size(size);
  while (!fits(items, size_)) size_ = usable_size(size_ + size_ / 4 + 1ULL);
  homes_ = homes_in(size_);
  buckets_ = static_cast<Bucket*>(heap.allocate(bytes()));
  std::fill_n(buckets_, size_, kEmpty);
  std::uint32_t end = 0;
  for (const Bucket item : items) {
    if (item == kEmpty) continue;
    end = std::max(end, home(tag_of(item)));
    buckets_[end++] = item;
    ++count_;
  }
}

void TagTable::rebuild(CountedHeap& heap, std::uint32_t size) {
  TagTable rebuilt;
  rebuilt.build(heap, {buckets_, size_}, size);
  clear(heap);
  *this = rebuilt;
}

void TagTable::assign(CountedHeap& heap, std::span<const Bucket> items) {
  INVARIANT(empty());
  if (!items.empty()) build(heap, items, items.size() + items.size() * 3 / 8 + 1);
}

TagTable::Detached TagTable::detach() {
  const Detached detached{buckets_, size_};
  *this = {};
  return detached;
}

}  // namespace ringhold
