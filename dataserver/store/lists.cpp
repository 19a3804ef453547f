#include "dataserver/store/lists.h"

#include <cstring>
#include <string>
#include <utility>

namespace ringhold::lists {

List::List(Store& store, std::string_view key, UnixMs now, Use use)
    : store_(store), key_(store.hash(key)), now_(now), place_(store.find(key_, now, use)) {}

// --- reading ---

std::size_t List::size() const {
  if (!place_) return 0;
  return is_packed() ? packed().count() : chunked().size();
}

StringValue List::at(std::size_t index) const {
  if (!is_packed()) return chunked().at(index);
  return packed().items().at(packed().position(index));
}

// --- changing ---

template <typename Edit>
auto List::edit(Edit&& edit) {
  return store_.edit(key_, [&](CountedHeap& heap) {
    return edit(heap, static_cast<ChunkedList&>(*place_.entry->collection()));
  });
}

bool List::fits_packed(std::size_t bytes, std::size_t items) const {
  return bytes <= store_.options().encoding.list_bytes && items <= Packed::kItemsMax;
}

void List::unpack() {
  store_.unpack(key_, place_, [this](CountedHeap& heap) {
    return ChunkedList::create(heap, packed().items(), packed().count(),
                               store_.options().encoding.list_bytes);
  });
}

// As Store::splice_packed, by positions among the items. Returns the room for what is added.
char* List::splice(const Entry::Splice& splice, std::size_t count) {
  Entry::Splice in_payload = splice;
  in_payload.at += Packed::kHeaderBytes;
  char* payload = store_.splice_packed(key_, place_, in_payload);
  Packed::put_count(payload, count);
  return payload + in_payload.at;
}

void List::push(ListEnd end, std::span<const std::string_view> values) {
  if (!place_) {
    char* payload = store_.create_packed(key_, place_, ValueType::kList, Packed::kHeaderBytes, now_);
    Packed::put_count(payload, 0);
  }
  if (is_packed()) {
    std::size_t bytes = 0;
    for (const std::string_view value : values) bytes += packed_size(StringValue::encode(value));
    if (fits_packed(packed().items().size() + bytes, packed().count() + values.size())) {
      return push_packed(end, values, bytes);
    }
    unpack();
  }
  edit([&](CountedHeap& heap, ChunkedList& list) {
    for (const std::string_view value : values) list.push(heap, end, StringValue::encode(value));
  });
}

void List::push_packed(ListEnd end, std::span<const std::string_view> values, std::size_t bytes) {
  const bool is_front = end == ListEnd::kFront;
  const std::size_t at = is_front ? 0 : packed().items().size();
  char* room = splice({.at = at, .added = bytes}, packed().count() + values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    room = pack(room, StringValue::encode(values[is_front ? values.size() - 1 - i : i]));
  }
}

void List::set(std::size_t index, std::string_view value) {
  const StringValue item = StringValue::encode(value);
  if (is_packed()) {
    const PackedItems items = packed().items();
    const std::size_t count = packed().count();
    const std::size_t at = packed().position(index);
    const std::size_t removed = items.next(at) - at;
    const std::size_t added = packed_size(item);
    if (fits_packed(items.size() - removed + added, count)) {
      pack(splice({.at = at, .removed = removed, .added = added}, count), item);
      return;
    }
    unpack();
  }
  edit([&](CountedHeap& heap, ChunkedList& list) { list.set(heap, index, item); });
}

void List::insert(std::size_t index, std::string_view value) {
  if (index == size()) return push(ListEnd::kBack, {&value, 1});
  const StringValue item = StringValue::encode(value);
  if (is_packed()) {
    const PackedItems items = packed().items();
    const std::size_t count = packed().count();
    const std::size_t added = packed_size(item);
    if (fits_packed(items.size() + added, count + 1)) {
      pack(splice({.at = packed().position(index), .added = added}, count + 1), item);
      return;
    }
    unpack();
  }
  edit([&](CountedHeap& heap, ChunkedList& list) { list.insert(heap, index, item); });
}

std::size_t List::remove(std::string_view value, ListEnd from, std::size_t count_max) {
  // From the back, those to go are all from the last one found on.
  const bool from_front = from == ListEnd::kFront;
  std::size_t first = 0;
  std::size_t found = 0;
  search(value, from, kAll, [&](std::size_t index) {
    first = index;
    return ++found < (from_front ? 1 : count_max);
  });
  if (found == 0) return 0;
  const PackedItem wanted(StringValue::encode(value));
  if (is_packed()) return remove_packed(first, wanted, count_max);
  const std::size_t removed =
      edit([&](CountedHeap& heap, ChunkedList& list) { return list.remove(heap, first, wanted, count_max); });
  if (chunked().size() == 0) store_.erase(key_, std::exchange(place_, {}));
  return removed;
}

std::size_t List::remove_packed(std::size_t index, const PackedItem& value, std::size_t count_max) {
  const std::size_t count = packed().count();
  const std::size_t at = packed().items().nth(index);
  std::string tail(packed().items().bytes().substr(at));
  const RemovedItems removed = remove_items(tail.data(), tail.size(), value, count_max);
  if (removed.count == count) {
    store_.erase(key_, std::exchange(place_, {}));
    return removed.count;
  }
  char* room = splice({.at = at, .removed = tail.size(), .added = removed.size}, count - removed.count);
  if (removed.size > 0) std::memcpy(room, tail.data(), removed.size);
  return removed.count;
}

void List::drop(ListEnd end, std::size_t count) {
  if (count == 0 || empty()) return;
  if (count >= size()) return store_.erase(key_, std::exchange(place_, {}));
  if (is_packed()) return drop_packed(end, count);
  ChunkedList* part = edit([&](CountedHeap& heap, ChunkedList& list) { return list.cut(heap, end, count); });
  if (part != nullptr) store_.discard(key_, part);
}

void List::drop_packed(ListEnd end, std::size_t count) {
  const std::size_t kept = packed().count() - count;
  if (end == ListEnd::kFront) {
    splice({.removed = packed().position(count)}, kept);
  } else {
    const std::size_t at = packed().position(kept);
    splice({.at = at, .removed = packed().items().size() - at}, kept);
  }
}

}  // namespace ringhold::lists
