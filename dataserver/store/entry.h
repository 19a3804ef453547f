// Entry: one key with its value, in one allocation where the value is small.
//
//   | header, 16 bytes | key | deadline, 8 bytes, if there is one | payload |
//
// The header packs what every look-up needs, so that a GET that hits touches one cache line of the entry: 24
// bits of the key's hash, flags, the time of last use, and the two sizes. The payload is one of:
//
//   kInt     8 bytes: a string that is the decimal text of an int64
//   kInline  the bytes of the value
//   kHeap    a pointer to the bytes, and the size of their allocation: long strings, those that grow, and
//            packed collections that take less memory so, by their size classes
//   kTable   a pointer to a Collection: a list, hash, set or sorted set that has outgrown the packed form
//   (see
//            Packed), or a string of limits::kLargeBytesMin and more (see LargeString)
//
// Nothing in an entry is aligned beyond its header; fields are read with memcpy. Its size is never stored: it
// follows from the fields (see CountedHeap). Entries are owned by the Store, which keeps them in one
// EntryTable per slot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "common/base/ids.h"
#include "dataserver/store/counted_heap.h"

namespace ringhold {

enum class ValueType : std::uint8_t { kString, kList, kSet, kZset, kHash };
enum class Payload : std::uint8_t { kInt, kInline, kHeap, kTable };

class Collection;
class LargeString;

// "This key does not expire." Stored deadlines are never negative.
inline constexpr UnixMs kNoDeadline = -1;

// The top 44 bits of a key's hash: entries of a slot are ordered by it. 20 bits of it stand in the table's
// bucket and 24 in the entry.
struct HashOrder {
  static constexpr unsigned kBits = 44;
  static constexpr unsigned kTagBits = 20;
  std::uint64_t value = 0;
  std::uint64_t tag() const { return value >> (kBits - kTagBits); }
  std::uint32_t rest() const { return static_cast<std::uint32_t>(value & 0xFFFFFFU); }
  // NOLINTNEXTLINE(modernize-use-nullptr): a false alarm of clang-tidy 14 on defaulted <=>
  auto operator<=>(const HashOrder&) const = default;
};

// Room for the text of an int64.
struct IntText {
  char bytes[24];
};

// A string value on its way into the store: the bytes, and whether they are an integer's exact text.
struct StringValue {
  std::string_view bytes;  // valid only if !is_integer
  std::int64_t integer = 0;
  bool is_integer = false;

  // As SET stores it: text that is exactly an int64 becomes one.
  static StringValue encode(std::string_view bytes) {
    // Most text is told from a number by its first character.
    const bool maybe_integer = !bytes.empty() && bytes[0] <= '9';
    return maybe_integer ? encode_number(bytes) : raw(bytes);
  }
  static StringValue raw(std::string_view bytes) { return {.bytes = bytes}; }
  static StringValue number(std::int64_t value) { return {.integer = value, .is_integer = true}; }
  // An integer is written into `scratch`.
  std::string_view text(IntText& scratch) const { return is_integer ? integer_text(scratch) : bytes; }
  // Of two that were encoded: no text is both an integer and raw.
  bool operator==(const StringValue& other) const {
    if (is_integer != other.is_integer) return false;
    return is_integer ? integer == other.integer : bytes == other.bytes;
  }

 private:
  static StringValue encode_number(std::string_view bytes);
  std::string_view integer_text(IntText& scratch) const;
};

class Entry {
 public:
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  // What an entry is made of, but for its value.
  struct Head {
    std::string_view key;
    HashOrder order;
    UnixMs deadline = kNoDeadline;
    std::uint32_t last_used = 0;
  };
  static Entry* create_string(CountedHeap& heap, const Head& head, const StringValue& value);
  static Entry* create_large_string(CountedHeap& heap, const Head& head, LargeString* value);
  // With a packed payload of `size` bytes, which the caller fills.
  static Entry* create_packed(CountedHeap& heap, const Head& head, ValueType type, std::size_t size);
  // An entry with a copy of the value (COPY), or with the value itself, which ends `from` (RENAME).
  static Entry* copy(CountedHeap& heap, const Head& head, const Entry& from);
  static Entry* take(CountedHeap& heap, const Head& head, Entry* from);
  // However much hangs off it.
  static void destroy(CountedHeap& heap, Entry* entry);
  // Frees what hangs off it, about `steps` items of a collection at most; true once the entry itself may go.
  static bool destroy_some(CountedHeap& heap, Entry* entry, std::size_t& steps);

  std::string_view key() const { return {base() + kHeaderBytes, key_size_}; }
  std::uint32_t hash_rest() const { return bits_ >> 8U; }
  ValueType type() const { return static_cast<ValueType>((bits_ >> kTypeShift) & 7U); }
  Payload payload() const { return static_cast<Payload>((bits_ >> kPayloadShift) & 3U); }
  bool has_deadline() const { return (bits_ & kDeadlineFlag) != 0; }
  // kNoDeadline if there is none.
  UnixMs deadline() const {
    UnixMs deadline = kNoDeadline;
    if (has_deadline()) std::memcpy(&deadline, base() + kHeaderBytes + key_size_, sizeof(deadline));
    return deadline;
  }
  bool is_due(UnixMs now) const { return has_deadline() && deadline() <= now; }
  // The string was changed in place by APPEND or the like (OBJECT ENCODING says raw, as in Redis).
  bool was_grown() const { return (bits_ & kGrownFlag) != 0; }

  // For a backup under way: it need not, or shall not, be written any more. See Store::begin_backup.
  bool marked() const { return (bits_ & kMarkFlag) != 0; }
  void set_marked(bool marked) { bits_ = marked ? bits_ | kMarkFlag : bits_ & ~kMarkFlag; }

  // When a command last used the key: milliseconds modulo 2^32, a wheel of 49 days.
  std::uint32_t last_used() const { return last_used_; }
  // For how long no command has used it. A clock that was set back must not make a key look unused for weeks.
  std::uint32_t idle_ms(UnixMs now) const {
    constexpr std::uint32_t kSetBackMax = 3600U * 1000;
    const std::uint32_t idle = static_cast<std::uint32_t>(now) - last_used_;
    return idle > ~kSetBackMax ? 0 : idle;
  }
  void touch(UnixMs now) { last_used_ = static_cast<std::uint32_t>(now); }

  // The string value; an integer is written into `scratch`.
  std::string_view text(IntText& scratch) const {
    if (payload() == Payload::kInline) return {base() + payload_at(), value_size_};
    return other_text(scratch);
  }
  std::size_t text_size() const;
  std::int64_t integer() const;  // precondition: payload() == Payload::kInt

  // A string in pages of its own.
  bool is_large_string() const { return payload() == Payload::kTable && type() == ValueType::kString; }

  // A list, hash, set or sorted set: its packed payload, or what hangs off it.
  bool is_packed() const { return payload() != Payload::kTable && type() != ValueType::kString; }
  std::string_view packed() const {
    return {payload() == Payload::kHeap ? heap_ref().data : base() + payload_at(), value_size_};
  }
  char* mutable_packed() { return mutable_text(); }
  Collection* collection() const;  // precondition: payload() == Payload::kTable

  // See SlowReader: it must not be destroyed.
  bool is_being_read() const;
  // It is not in the store any more; its readers go on.
  void tell_readers_of_deletion() const;

  // The bytes of its allocations.
  std::size_t bytes() const { return own_bytes() + heap_bytes(); }
  // Of these, what hangs off it rather than being part of it.
  std::size_t heap_bytes() const;

  // Changes. Each returns the entry's new address, which is the old one if its size class did not change.

  // Replaces value and deadline. Neither the old value, a string, nor the new one may be large.
  static Entry* assign_string(CountedHeap& heap, Entry* entry, const StringValue& value, UnixMs deadline);
  static Entry* set_deadline(CountedHeap& heap, Entry* entry, UnixMs deadline);
  // Makes the string value `size` bytes long, new bytes zero; an integer becomes text. A large one does not
  // get shorter. Amortised O(1) per byte.
  static Entry* resize_string(CountedHeap& heap, Entry* entry, std::uint32_t size);
  // Bytes that the caller is about to write to: `count` from `first` on. Precondition: payload() is not kInt.
  char* edit_text(std::size_t first, std::size_t count);
  // In the packed payload, `added` bytes, which the caller fills, take the place of `removed` bytes at `at`.
  struct Splice {
    std::size_t at = 0;
    std::size_t removed = 0;
    std::size_t added = 0;
  };
  static Entry* splice_packed(CountedHeap& heap, Entry* entry, const Splice& splice);
  // `collection` takes the place of the packed payload.
  static Entry* set_collection(CountedHeap& heap, Entry* entry, Collection* collection);

 private:
  struct HeapRef {
    char* data;
    std::uint32_t capacity;
  };
  static constexpr std::size_t kHeaderBytes = 16;
  static constexpr std::size_t kHeapRefBytes = sizeof(char*) + sizeof(std::uint32_t);
  static constexpr unsigned kTypeShift = 0;
  static constexpr unsigned kPayloadShift = 3;
  static constexpr std::uint32_t kMarkFlag = 1U << 5U;
  static constexpr std::uint32_t kDeadlineFlag = 1U << 6U;
  static constexpr std::uint32_t kGrownFlag = 1U << 7U;
  // All that decides where the fields are.
  struct Shape {
    ValueType type = ValueType::kString;
    Payload payload = Payload::kInline;
    bool deadline = false;
    bool grown = false;
    std::uint32_t value_size = 0;
  };

  Entry() = default;
  char* base() { return reinterpret_cast<char*>(this); }
  const char* base() const { return reinterpret_cast<const char*>(this); }
  std::size_t payload_at() const { return kHeaderBytes + key_size_ + (has_deadline() ? sizeof(UnixMs) : 0); }
  std::size_t payload_bytes() const;
  std::size_t own_bytes() const { return size_class(payload_at() + payload_bytes()); }
  std::string_view other_text(IntText& scratch) const;
  Shape shape() const;
  HeapRef heap_ref() const {
    HeapRef ref{};
    std::memcpy(&ref.data, base() + payload_at(), sizeof(ref.data));
    std::memcpy(&ref.capacity, base() + payload_at() + sizeof(ref.data), sizeof(ref.capacity));
    return ref;
  }
  void put_heap_ref(const HeapRef& ref);
  void put_collection(Collection* collection);
  char* mutable_text();
  const LargeString& large_string() const;
  static Entry* resize_large(CountedHeap& heap, Entry* entry, std::uint32_t size);
  static Entry* copy_collection(CountedHeap& heap, const Head& head, const Entry& from);
  void put_head(const Head& head, const Shape& shape);
  void set_shape(const Shape& shape);

  static Shape shape_for(const StringValue& value, UnixMs deadline);
  static Shape packed_shape(ValueType type, std::size_t key_size, UnixMs deadline, std::size_t size);
  static Entry* allocate(CountedHeap& heap, const Head& head, const Shape& shape);
  static Entry* reshape(CountedHeap& heap, Entry* entry, const Shape& shape, UnixMs deadline,
                        std::size_t payload_kept);
  static HeapRef new_buffer(CountedHeap& heap, std::size_t size);
  static Entry* splice_inline(CountedHeap& heap, Entry* entry, const Shape& shape, const Splice& splice);
  static Entry* splice_apart(CountedHeap& heap, Entry* entry, const Shape& shape, const Splice& splice);
  static HeapRef grown_buffer(CountedHeap& heap, const Entry& entry, std::string_view old_text,
                              std::uint32_t size);

  std::uint32_t bits_;  // hash_rest << 8 | flags
  std::uint32_t last_used_;
  std::uint32_t key_size_;
  std::uint32_t value_size_;  // of kInline and kHeap
};

static_assert(sizeof(Entry) == 16);

}  // namespace ringhold
