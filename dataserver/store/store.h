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
#include "common/base/large_bytes.h"
#include "common/base/limits.h"
#include "common/base/slot.h"
#include "dataserver/store/collection.h"
#include "dataserver/store/counted_heap.h"
#include "dataserver/store/entry.h"
#include "dataserver/store/entry_table.h"
#include "dataserver/store/eviction.h"
#include "dataserver/store/free_queue.h"
#include "dataserver/store/scan_position.h"

namespace ringhold {

// Up to where small collections stay packed; Redis's parameters of the same names (CONFIG SET).
struct EncodingLimits {
  std::uint32_t list_bytes = 8 * limits::kKiB;  // list-max-listpack-size -2; also of a node of a long list
  std::uint32_t hash_entries = 512;             // hash-max-listpack-entries
  std::uint32_t hash_value_bytes = 64;          // hash-max-listpack-value
  std::uint32_t set_integers = 512;             // set-max-intset-entries
  std::uint32_t set_entries = 128;              // set-max-listpack-entries
  std::uint32_t set_value_bytes = 64;           // set-max-listpack-value
  std::uint32_t zset_entries = 128;             // zset-max-listpack-entries
  std::uint32_t zset_value_bytes = 64;          // zset-max-listpack-value
};

struct StoreOptions {
  std::uint64_t seed = 0;  // of the hash order; the same on all replicas of a cluster
  EncodingLimits encoding;
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
  std::uint64_t evicted = 0;
};

struct ExpirySlice {
  std::size_t examined = 0;
  std::size_t expired = 0;
  bool more = false;  // the budget ran out before all due keys were found
};

// Who writes the keys down, at one point in time, while they go on changing.
class BackupObserver {
 public:
  virtual ~BackupObserver() = default;
  // A key that has not been visited yet is about to change or to go: this is what it was.
  virtual void set_aside(const Entry& entry) = 0;
  // All keys have gone, those included that have not been visited; end_backup() follows.
  virtual void on_flush() = 0;
};

// What a visitor says: whether the slice may go on.
enum class Walked : std::uint8_t { kGoOn, kEnough };

class Store {
 public:
  explicit Store(const StoreOptions& options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  HashedKey hash(std::string_view key) const { return {key, slot_of(key), order_of(key)}; }
  Place find(const HashedKey& key, UnixMs now, Use use);

  // Changes of one key. `place` is where the key is or, empty, says that it is absent; it is updated.
  void set_string(const HashedKey& key, Place& place, const StringValue& value, UnixMs deadline, UnixMs now);
  // The same with bytes that the store takes over.
  void set_large_string(const HashedKey& key, Place& place, LargeBytes bytes, UnixMs deadline, UnixMs now);
  // The string becomes `size` bytes long, new ones zero, and of these the caller is about to write `part`:
  // the result points to it. Keeps the deadline. A string of limits::kLargeBytesMin and more does not get
  // shorter.
  struct TextPart {
    std::size_t first = 0;
    std::size_t count = 0;
  };
  char* resize_string(const HashedKey& key, Place& place, std::size_t size, const TextPart& part, UnixMs now);
  // A list, hash, set or sorted set with a packed payload of `size` bytes, which the caller fills.
  // Precondition: the key is absent.
  char* create_packed(const HashedKey& key, Place& place, ValueType type, std::size_t size, UnixMs now);
  // Changes its bytes: see Entry::Splice. Returns the whole payload, in which the caller fills what was
  // added.
  char* splice_packed(const HashedKey& key, Place& place, const Entry::Splice& splice);
  // Makes a collection of the packed value: `make(heap)` returns it, whose owner is the entry from then on.
  template <typename Make>
  void unpack(const HashedKey& key, Place& place, Make&& make);
  // Changes the collection of a key: `edit(heap)` does, with this heap. What it returns is returned.
  template <typename Edit>
  auto edit(const HashedKey& key, Edit&& edit);
  // Frees what an edit has cut off the key's collection, in slices if it is much.
  void discard(const HashedKey& key, Collection* part);
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

  // Removes keys, the least recently used first, until live_bytes() is at most `bytes_max` or `keys_max` are
  // gone, which it returns. An approximation of exact LRU: see eviction.h.
  std::size_t evict_slice(UnixMs now, std::uint64_t bytes_max, std::size_t keys_max);

  // At once for everybody, whatever their size; the memory comes back by free_slice.
  void drop_slot(Slot slot);
  void flush();
  // Frees up to about `steps` entries that were dropped; true while there is more to do. What is still being
  // read (SlowReader) is not.
  bool free_slice(std::size_t steps);

  // A backup sees every key once, as it was when it began: by backup_slice, or by the observer's set_aside if
  // it is changed before its turn. Keys that come later are not seen; nor is what is left of a slot that is
  // dropped. Of a large value it makes a SlowReader, rather than writing it down at once. Precondition:
  // !backup_running(). An earlier one that was ended has to be cleared first: while
  // (!backup_cleared()) clear_backup_slice().
  void begin_backup(BackupObserver& observer);
  bool backup_running() const { return observer_ != nullptr; }
  // Visits about `count` entries (const Entry&) in hash order, or fewer: until `visit` says that it has
  // enough. False once none is left.
  template <typename Visit>
  bool backup_slice(std::size_t count, Visit&& visit);
  void end_backup() { observer_ = nullptr; }
  bool backup_cleared() const { return walk_.at_end(); }
  void clear_backup_slice(std::size_t count);

  // Changes of keys since the store was made: commands that changed nothing do not count.
  std::uint64_t changes() const { return changes_; }
  // Counts one more: of what is backed up with the keys, and is none.
  void note_change() { ++changes_; }

  // The size classes of all tables and entries, dropped ones included until they are freed.
  std::uint64_t used_bytes() const { return heap_.used_bytes(); }
  std::uint64_t freeing_bytes() const { return free_queue_.bytes(); }
  // Without those.
  std::uint64_t live_bytes() const { return used_bytes() - freeing_bytes(); }
  // The same, by counting everything again. For tests.
  std::uint64_t recount_bytes() const;
  std::size_t entry_bytes(const Entry& entry) const { return entry.bytes() + sizeof(EntryTable::Bucket); }

  std::uint64_t deadlines() const { return all_deadlines_.count; }
  std::int64_t average_ttl_ms(UnixMs now) const;
  const StoreStats& stats() const { return stats_; }
  void reset_stats() { stats_ = {}; }
  const StoreOptions& options() const { return options_; }
  void set_value_bytes_max(std::uint64_t bytes) { options_.value_bytes_max = bytes; }
  EncodingLimits& encoding() { return options_.encoding; }

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
  // Where a backup stands: all entries before it have been visited. Entries from it on that need no visit are
  // marked.
  struct Walk {
    std::uint32_t slot = kSlotCount;
    std::uint64_t order = 0;
    bool at_end() const { return slot >= kSlotCount; }
    bool is_before(const HashedKey& key) const {
      return slot < key.slot.value || (slot == key.slot.value && order <= key.order.value);
    }
  };

  // Everything that changes an entry, or removes it, says so before.
  void before_change(const HashedKey& key, Entry& entry) {
    ++changes_;
    if (observer_ != nullptr) [[unlikely]]
      set_aside(key, entry);
  }
  void before_edit(const HashedKey& key);
  void set_aside(const HashedKey& key, Entry& entry);
  template <typename Visit>
  void walk_some(std::size_t count, Visit&& visit);
  HashOrder order_of(std::string_view key) const;
  Place miss(Use use);
  // By value, so that find's own may stay in registers.
  Place remove_due(HashedKey key, Place place, Use use);
  void insert(const HashedKey& key, Place& place);
  Entry* take_out(const HashedKey& key, Place place);
  void change_deadline(Slot slot, UnixMs before, UnixMs after) {
    if (before != after) count_deadline(slot, before, after);
  }
  void count_deadline(Slot slot, UnixMs before, UnixMs after);
  bool next_due_slot(UnixMs now);
  void sample_for_eviction(UnixMs now, std::size_t count);
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
  EvictionPool eviction_;
  BackupObserver* observer_ = nullptr;
  Walk walk_;
  std::uint64_t changes_ = 0;
};

// What every command does is inlined into it, but for hashing and probing.
inline Place Store::find(const HashedKey& key, UnixMs now, Use use) {
  EntryTable::Bucket* bucket = slots_[key.slot.value].table.find(key.order, key.bytes);
  if (bucket == nullptr) return miss(use);
  Entry* entry = EntryTable::entry_of(*bucket);
  if (entry->is_due(now)) [[unlikely]]
    return remove_due(key, {entry, bucket}, use);
  if (use != Use::kWrite) ++stats_.hits;
  if (use != Use::kLook) entry->touch(now);
  return {entry, bucket};
}

template <typename Visit>
bool Store::backup_slice(std::size_t count, Visit&& visit) {
  walk_some(count, visit);
  return !walk_.at_end();
}

// Entries with equal order are visited together, so that a place between them is never needed.
template <typename Visit>
void Store::walk_some(std::size_t count, Visit&& visit) {
  std::size_t visited = 0;
  for (; !walk_.at_end(); walk_ = {walk_.slot + 1, 0}) {
    const EntryTable& table = slots_[walk_.slot].table;
    for (auto* bucket = table.first_from({walk_.order}); bucket != nullptr; bucket = table.next(bucket)) {
      const std::uint64_t order = EntryTable::order_of(*bucket).value;
      const bool had_enough = visited >= count && order != walk_.order;
      walk_.order = order;
      if (had_enough) return;
      Entry* entry = EntryTable::entry_of(*bucket);
      if (!entry->marked() && visit(static_cast<const Entry&>(*entry)) == Walked::kEnough) visited = count;
      entry->set_marked(false);
      ++visited;
    }
    ++visited;  // an empty slot is work, too
  }
}

template <typename Make>
void Store::unpack(const HashedKey& key, Place& place, Make&& make) {
  const GrowthCount bytes(heap_, slots_[key.slot.value].bytes);
  Collection* collection = make(heap_);
  place.entry = Entry::set_collection(heap_, place.entry, collection);
  EntryTable::replace(place.bucket, place.entry);
}

template <typename Edit>
auto Store::edit(const HashedKey& key, Edit&& edit) {
  before_edit(key);
  const GrowthCount bytes(heap_, slots_[key.slot.value].bytes);
  return edit(heap_);
}

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
