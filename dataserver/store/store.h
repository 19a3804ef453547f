// Store: the keys of one data server, in memory. Pure: it knows no clock, no random source and no sockets.
//
// One EntryTable per slot. Commands hash a key once, find its place, and change it through the Store, which
// keeps the counts: keys and bytes per slot, deadlines, bytes in all. The meaning of the types stands on top
// of it (strings.h). It lives on the data server's loop; nothing in it is shared.
//
// Time comes in as `now`. A key whose deadline is at or before it is absent for every command; it is removed
// when it is met, or by expire_slice. Whatever could take long is cut in slices that the caller spaces out:
// expire_slice and free_slice. Contents decide every answer, never the layout: scans and random picks go by
// hash order under the seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/ids.h"
#include "common/base/limits.h"
#include "dataserver/store/counted_heap.h"
#include "dataserver/store/entry.h"
#include "dataserver/store/entry_table.h"
#include "dataserver/store/free_queue.h"
#include "dataserver/store/scan_position.h"

namespace ringhold {

struct StoreOptions {
  std::uint64_t seed = 0;  // of the hash order; the same on all replicas of a cluster
  std::uint64_t value_bytes_max = limits::kValueBytesMax;
};

// A key with what is computed from it once per command. The bytes are the caller's.
struct HashedKey {
  std::string_view bytes;
  Slot slot;
  HashOrder order;
};

// Why a key is looked up.
enum class Use : std::uint8_t {
  kRead,   // for its value: counts as hit or miss, and as use
  kLook,   // for something else (TTL, TYPE, OBJECT): counts as hit or miss
  kWrite,  // to change it: counts as use
};

// Where a key stands. Valid until the store changes in any way but through this place.
struct Place {
  Entry* entry = nullptr;
  EntryTable::Bucket* bucket = nullptr;
  explicit operator bool() const { return entry != nullptr; }
};

struct StoreStats {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t expired = 0;
};

struct ExpirySlice {
  std::size_t examined = 0;
  std::size_t expired = 0;
  bool more = false;  // the budget ran out before all due keys were found
};

class Store {
 public:
  explicit Store(const StoreOptions& options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  HashedKey hash(std::string_view key) const;
  Place find(const HashedKey& key, UnixMs now, Use use);

  // Changes of one key. `place` is where the key is or, empty, says that it is absent; it is updated.
  void set_string(const HashedKey& key, Place& place, const StringValue& value, UnixMs deadline, UnixMs now);
  // The string becomes `size` bytes long (new ones zero) and its bytes may be written to. Keeps the deadline.
  char* resize_string(const HashedKey& key, Place& place, std::size_t size, UnixMs now);
  void set_deadline(const HashedKey& key, Place& place, UnixMs deadline);  // kNoDeadline removes it
  void erase(const HashedKey& key, Place place);
  // Moves or copies the value and the deadline of `from`, which exists, over whatever `to` has. The keys
  // differ.
  void rename(const HashedKey& from, const HashedKey& to, UnixMs now);
  void copy(const HashedKey& from, const HashedKey& to, UnixMs now);

  // All keys, those included that are due and were not met yet.
  std::uint64_t size() const { return size_; }
  std::uint32_t slot_size(Slot slot) const { return slots_[slot.value].table.count(); }
  std::uint64_t slot_bytes(Slot slot) const { return slots_[slot.value].bytes; }
  // Up to `count_max` keys, views valid until the store changes.
  std::vector<std::string_view> keys_in_slot(Slot slot, std::size_t count_max) const;
  // Null if there is no key that is not due. The same contents and seed give the same key.
  const Entry* random_entry(std::uint64_t seed, UnixMs now);

  // Visits entries (const Entry&), due ones too, from `position` on in order: `count` of them, and all that
  // share the last one's position. Returns where to go on. A key that is there throughout a whole scan is
  // visited.
  template <typename Visit>
  ScanPosition scan(ScanPosition position, std::size_t count, Visit&& visit) const;

  // Removes due keys, looking at up to `budget` keys. Costs next to nothing while none is due.
  ExpirySlice expire_slice(UnixMs now, std::size_t budget);
  // False: expire_slice does nothing, and due keys go when they are met. For tests.
  void set_active_expiry(bool active) { active_expiry_ = active; }

  // At once for everybody, whatever their size; the memory comes back by free_slice.
  void drop_slot(Slot slot);
  void flush();
  // Frees up to about `steps` entries that were dropped; true while there is more.
  bool free_slice(std::size_t steps);

  // The size classes of all tables and entries, dropped ones included until they are freed.
  std::uint64_t used_bytes() const { return heap_.used_bytes(); }
  std::uint64_t freeing_bytes() const { return free_queue_.bytes(); }
  // The same, by counting everything again. For tests.
  std::uint64_t recount_bytes() const;
  std::size_t entry_bytes(const Entry& entry) const { return entry.bytes() + sizeof(EntryTable::Bucket); }

  std::uint64_t deadlines() const { return all_deadlines_.count; }
  std::int64_t average_ttl_ms(UnixMs now) const;
  const StoreStats& stats() const { return stats_; }
  void reset_stats() { stats_ = {}; }
  const StoreOptions& options() const { return options_; }
  void set_value_bytes_max(std::uint64_t bytes) { options_.value_bytes_max = bytes; }

 private:
  static constexpr UnixMs kNever = std::numeric_limits<UnixMs>::max();
  struct SlotKeys {
    EntryTable table;
    std::uint64_t bytes = 0;  // of the table and its entries
  };
  struct SlotDeadlines {
    UnixMs earliest = kNever;  // a lower bound: no key of the slot is due before
    std::uint64_t count = 0;
    std::uint64_t sum = 0;  // modulo 2^64, which is enough for the average of what is left
  };
  class ByteCount;

  void insert(const HashedKey& key, Entry* entry);
  Entry* take_out(const HashedKey& key, Place place);
  void change_deadline(Slot slot, UnixMs before, UnixMs after);
  bool next_due_slot(UnixMs now);
  void sweep_slot(UnixMs now, std::size_t budget, ExpirySlice& slice);
  std::pair<HashedKey, Place> key_at(std::uint64_t index) const;

  StoreOptions options_;
  CountedHeap heap_;
  std::vector<SlotKeys> slots_{kSlotCount};
  std::vector<SlotDeadlines> deadlines_{kSlotCount};
  std::uint64_t size_ = 0;
  SlotDeadlines all_deadlines_;
  FreeQueue free_queue_;
  StoreStats stats_;
  ScanPosition sweep_;     // where expire_slice goes on
  bool sweeping_ = false;  // in the middle of a slot
  bool active_expiry_ = true;
};

template <typename Visit>
ScanPosition Store::scan(ScanPosition position, std::size_t count, Visit&& visit) const {
  std::size_t visited = 0;
  ScanPosition last = {kSlotCount, 0};
  for (; !position.at_end(); position = position.next_slot()) {
    const EntryTable& table = slots_[position.slot].table;
    for (auto* bucket = table.first_from(position.order()); bucket != nullptr; bucket = table.next(bucket)) {
      const ScanPosition here = ScanPosition::of(position.slot, EntryTable::order_of(*bucket));
      if (visited >= count && here != last) return here;
      visit(static_cast<const Entry&>(*EntryTable::entry_of(*bucket)));
      ++visited;
      last = here;
    }
  }
  return position;
}

}  // namespace ringhold
