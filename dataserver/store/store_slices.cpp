// The parts of Store that cut long work into slices: active expiry, dropping and freeing.
#include <algorithm>

#include "common/base/bug.h"
#include "common/base/check.h"
#include "dataserver/store/store.h"

namespace ringhold {

// Every slot has a lower bound of its deadlines. A slot whose bound has passed is swept: its due keys go, and
// the bound becomes exact again. Sweeping looks at all keys of a slot, but a slot is small, and it is swept
// only when something in it is due. Where the budget is too small for that, due keys stay longer in memory;
// they are never served.
ExpirySlice Store::expire_slice(UnixMs now, std::size_t budget) {
  ExpirySlice slice;
  if (!active_expiry_) return slice;
  while (sweeping_ || next_due_slot(now)) {
    if (slice.examined >= budget) {
      slice.more = true;
      break;
    }
    sweep_slot(now, budget, slice);
  }
  stats_.expired += slice.expired;
  return slice;
}

// Goes round from where the last sweep ended, so that no slot is starved.
bool Store::next_due_slot(UnixMs now) {
  if (all_deadlines_.count == 0) return false;
  for (std::uint32_t i = 1; i <= kSlotCount; ++i) {
    const std::uint32_t slot = (sweep_.slot + i) % kSlotCount;
    if (deadlines_[slot].earliest > now) continue;
    deadlines_[slot].earliest = kNever;  // what is left, and what is new, lowers it again
    sweep_ = {slot, 0};
    sweeping_ = true;
    return true;
  }
  return false;
}

void Store::sweep_slot(UnixMs now, std::size_t budget, ExpirySlice& slice) {
  const EntryTable& table = slots_[sweep_.slot].table;
  SlotDeadlines& deadlines = deadlines_[sweep_.slot];
  const Slot slot{static_cast<std::uint16_t>(sweep_.slot)};
  auto* bucket = table.first_from(sweep_.order());
  while (bucket != nullptr && slice.examined < budget) {
    ++slice.examined;
    Entry* entry = EntryTable::entry_of(*bucket);
    if (!entry->is_due(now)) {
      if (entry->has_deadline()) deadlines.earliest = std::min(deadlines.earliest, entry->deadline());
      bucket = table.next(bucket);
      continue;
    }
    const HashOrder order = EntryTable::order_of(*bucket);
    erase({entry->key(), slot, order}, {entry, bucket});
    ++slice.expired;
    bucket = table.first_from(order);
  }
  sweeping_ = bucket != nullptr;
  if (sweeping_) sweep_ = ScanPosition::of(sweep_.slot, EntryTable::order_of(*bucket));
}

void Store::drop_slot(Slot slot) {
  SlotKeys& keys = slots_[slot.value];
  if (keys.table.empty()) return;
  ++changes_;
  SlotDeadlines& deadlines = deadlines_[slot.value];
  size_ -= keys.table.count();
  all_deadlines_.count -= deadlines.count;
  all_deadlines_.sum -= deadlines.sum;
  deadlines = {};
  free_queue_.add(keys.table.detach(), keys.bytes);
  keys.bytes = 0;
}

void Store::flush() {
  ++changes_;
  for (std::uint32_t slot = 0; slot < kSlotCount; ++slot) drop_slot(Slot{static_cast<std::uint16_t>(slot)});
  if (observer_ != nullptr) observer_->on_flush();
}

// --- backups ---

void Store::begin_backup(BackupObserver& observer) {
  INVARIANT(!backup_running() && backup_cleared());
  observer_ = &observer;
  walk_ = {0, 0};
}

void Store::set_aside(const HashedKey& key, Entry& entry) {
  if (!walk_.is_before(key) || entry.marked() || broken(Bug::kChangeNotSetAside)) return;
  observer_->set_aside(entry);
  entry.set_marked(true);
}

// A collection is changed in its place: its entry has to be looked for.
void Store::before_edit(const HashedKey& key) {
  ++changes_;
  if (observer_ == nullptr || !walk_.is_before(key)) return;
  auto* bucket = slots_[key.slot.value].table.find(key.order, key.bytes);
  if (bucket != nullptr) set_aside(key, *EntryTable::entry_of(*bucket));
}

// An abandoned backup has left marks from its place on.
void Store::clear_backup_slice(std::size_t count) {
  INVARIANT(!backup_running());
  walk_some(count, [](const Entry& /*entry*/) { return Walked::kGoOn; });
}

bool Store::free_slice(std::size_t steps) {
  free_queue_.slice(heap_, steps);
  return !free_queue_.empty();
}

}  // namespace ringhold
