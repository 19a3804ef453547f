// What the list commands mean, without their arguments and replies (those: dataserver/commands).
//
// A small list is packed in its entry, a larger one is a ChunkedList; both read and change alike here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "common/base/ids.h"
#include "dataserver/store/chunked_list.h"
#include "dataserver/store/packed.h"
#include "dataserver/store/store.h"

namespace ringhold::lists {

// The list at one key, for the time of one command: valid until the store changes by anything but it. A
// missing key counts as an empty list, and a list that becomes empty goes with its key.
class List {
 public:
  static constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

  List(Store& store, std::string_view key, UnixMs now, Use use);
  // Of another type; then nothing else may be asked.
  bool is_wrong_type() const { return place_ && place_.entry->type() != ValueType::kList; }

  std::size_t size() const;
  bool empty() const { return !place_; }
  // Views are valid until the store changes. Precondition, here and below: index < size().
  StringValue at(std::size_t index) const;
  // Null if it is packed, or empty.
  ChunkedList* chunks() const {
    return place_ && !is_packed() ? static_cast<ChunkedList*>(place_.entry->collection()) : nullptr;
  }
  // Calls visit(const StringValue&) for items from `index` on, towards the back or the front, until it says
  // false or there are no more.
  template <typename Visit>
  void walk(std::size_t index, ListEnd towards, Visit&& visit) const {
    walk_items(index, towards,
               [&visit](const PackedItems& items, std::size_t at) { return visit(items.at(at)); });
  }
  // Calls match(index) for items that equal `value`, the nearest to `from` first, until it says false or
  // `items_max` items were looked at.
  template <typename Match>
  void search(std::string_view value, ListEnd from, std::size_t items_max, Match&& match) const;

  // One value after the other, so that the last one ends up outermost.
  void push(ListEnd end, std::span<const std::string_view> values);
  void set(std::size_t index, std::string_view value);
  // `index` may be size().
  void insert(std::size_t index, std::string_view value);
  // Removes up to `count_max` items that equal `value`, those nearest to `from`. Returns how many.
  std::size_t remove(std::string_view value, ListEnd from, std::size_t count_max);
  // Takes items off an end; all of them if there are no more than `count`.
  void drop(ListEnd end, std::size_t count);

 private:
  bool is_packed() const { return place_.entry->is_packed(); }
  Packed packed() const { return Packed(place_.entry->packed()); }
  const ChunkedList& chunked() const { return static_cast<const ChunkedList&>(*place_.entry->collection()); }
  template <typename Visit>
  void walk_items(std::size_t index, ListEnd towards, Visit&& visit) const;
  template <typename Edit>
  auto edit(Edit&& edit);

  bool fits_packed(std::size_t bytes, std::size_t items) const;
  void unpack();
  char* splice(const Entry::Splice& splice, std::size_t count);
  void push_packed(ListEnd end, std::span<const std::string_view> values, std::size_t bytes);
  std::size_t remove_packed(std::size_t index, const PackedItem& value, std::size_t count_max);
  void drop_packed(ListEnd end, std::size_t count);

  Store& store_;
  HashedKey key_;
  UnixMs now_;
  Place place_;
};

template <typename Visit>
void List::walk_items(std::size_t index, ListEnd towards, Visit&& visit) const {
  if (!is_packed()) return chunked().walk_items(index, towards, visit);
  const PackedItems items = packed().items();
  std::size_t at = packed().position(index);
  if (towards == ListEnd::kBack) {
    for (; at < items.size(); at = items.next(at)) {
      if (!visit(items, at)) return;
    }
  } else {
    while (visit(items, at) && at > 0) at = items.previous(at);
  }
}

template <typename Match>
void List::search(std::string_view value, ListEnd from, std::size_t items_max, Match&& match) const {
  if (empty() || items_max == 0) return;
  const PackedItem wanted(StringValue::encode(value));
  const bool from_front = from == ListEnd::kFront;
  std::size_t index = from_front ? 0 : size() - 1;
  std::size_t left = items_max;
  const auto visit = [&](const PackedItems& items, std::size_t at) {
    if (wanted.is_at(items, at) && !match(index)) return false;
    from_front ? ++index : --index;
    return --left > 0;
  };
  walk_items(index, from_front ? ListEnd::kBack : ListEnd::kFront, visit);
}

}  // namespace ringhold::lists
