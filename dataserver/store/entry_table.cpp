#include "dataserver/store/entry_table.h"

#include "common/base/same_bytes.h"

namespace ringhold {

EntryTable::Bucket* EntryTable::find(HashOrder order, std::string_view key) const {
  return table_.find(order.tag(), [order, key](const void* item) {
    const auto* entry = static_cast<const Entry*>(item);
    return entry->hash_rest() == order.rest() && same_bytes(entry->key(), key);
  });
}

EntryTable::Bucket* EntryTable::insert(CountedHeap& heap, HashOrder order, Entry* entry) {
  return table_.insert(heap, order.tag(), entry, [order, key = entry->key()](const void* item) {
    const auto* other = static_cast<const Entry*>(item);
    if (other->hash_rest() != order.rest()) return other->hash_rest() > order.rest();
    return other->key() > key;
  });
}

EntryTable::Bucket* EntryTable::first_from(HashOrder order) const {
  Bucket* bucket = table_.first_from(order.tag());
  while (bucket != nullptr && order_of(*bucket) < order) bucket = next(bucket);
  return bucket;
}

}  // namespace ringhold
