#include "dataserver/store/entry.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/base/text.h"
#include "dataserver/store/large_string.h"

namespace ringhold {

namespace {

std::string_view write_integer(std::int64_t value, IntText& scratch) {
  const auto end = std::to_chars(scratch.bytes, scratch.bytes + sizeof(scratch.bytes), value).ptr;
  return {scratch.bytes, static_cast<std::size_t>(end - scratch.bytes)};
}

std::uint32_t to_u32(std::size_t size) {
  INVARIANT(size <= std::numeric_limits<std::uint32_t>::max());
  return static_cast<std::uint32_t>(size);
}

void copy_bytes(char* to, std::string_view from) {
  if (!from.empty()) std::memcpy(to, from.data(), from.size());
}

}  // namespace

StringValue StringValue::encode_number(std::string_view bytes) {
  constexpr std::size_t kInt64Digits = 20;
  const auto integer = bytes.size() <= kInt64Digits ? parse_int64(bytes) : std::nullopt;
  return integer ? number(*integer) : raw(bytes);
}

std::string_view StringValue::integer_text(IntText& scratch) const {
  return write_integer(integer, scratch);
}

// --- reading ---

std::int64_t Entry::integer() const {
  std::int64_t value = 0;
  std::memcpy(&value, base() + payload_at(), sizeof(value));
  return value;
}

std::string_view Entry::other_text(IntText& scratch) const {
  if (payload() == Payload::kInt) return write_integer(integer(), scratch);
  if (payload() == Payload::kHeap) return {heap_ref().data, value_size_};
  return large_string().text();
}

std::size_t Entry::text_size() const {
  if (payload() == Payload::kTable) return large_string().size();
  if (payload() != Payload::kInt) return value_size_;
  IntText scratch;
  return write_integer(integer(), scratch).size();
}

const LargeString& Entry::large_string() const {
  INVARIANT(is_large_string());
  return static_cast<const LargeString&>(*collection());
}

bool Entry::is_being_read() const {
  return payload() == Payload::kTable && collection()->is_being_read();
}

void Entry::tell_readers_of_deletion() const {
  const std::size_t bytes = heap_bytes();
  collection()->readers().for_each<SlowReader>([bytes](SlowReader& reader) { reader.on_deleted(bytes); });
}

char* Entry::edit_text(std::size_t first, std::size_t count) {
  if (is_large_string()) return static_cast<LargeString*>(collection())->edit(first, count);
  return mutable_text() + first;
}

char* Entry::mutable_text() {
  return payload() == Payload::kHeap ? heap_ref().data : base() + payload_at();
}

std::size_t Entry::payload_bytes() const {
  switch (payload()) {
    case Payload::kInt:
      return sizeof(std::int64_t);
    case Payload::kInline:
      return value_size_;
    case Payload::kHeap:
      return kHeapRefBytes;
    case Payload::kTable:
      break;
  }
  return sizeof(Collection*);
}

std::size_t Entry::heap_bytes() const {
  if (payload() == Payload::kTable) return collection()->bytes();
  return payload() == Payload::kHeap ? heap_ref().capacity : 0;
}

Collection* Entry::collection() const {
  INVARIANT(payload() == Payload::kTable);
  Collection* collection = nullptr;
  std::memcpy(&collection, base() + payload_at(), sizeof(collection));
  return collection;
}

void Entry::put_collection(Collection* collection) {
  std::memcpy(base() + payload_at(), &collection, sizeof(collection));
}

void Entry::put_heap_ref(const HeapRef& ref) {
  std::memcpy(base() + payload_at(), &ref.data, sizeof(ref.data));
  std::memcpy(base() + payload_at() + sizeof(ref.data), &ref.capacity, sizeof(ref.capacity));
}

// --- shapes ---

Entry::Shape Entry::shape() const {
  return {.type = type(),
          .payload = payload(),
          .deadline = has_deadline(),
          .grown = was_grown(),
          .value_size = value_size_};
}

void Entry::set_shape(const Shape& shape) {
  bits_ = (bits_ & (~0xFFU | kMarkFlag)) | static_cast<std::uint32_t>(shape.type) << kTypeShift |
          static_cast<std::uint32_t>(shape.payload) << kPayloadShift | (shape.deadline ? kDeadlineFlag : 0) |
          (shape.grown ? kGrownFlag : 0);
  value_size_ = shape.value_size;
}

Entry::Shape Entry::shape_for(const StringValue& value, UnixMs deadline) {
  Shape shape{.deadline = deadline != kNoDeadline};
  if (value.is_integer) {
    shape.payload = Payload::kInt;
  } else {
    shape.value_size = to_u32(value.bytes.size());
    if (value.bytes.size() > limits::kInlineValueBytesMax) shape.payload = Payload::kHeap;
  }
  return shape;
}

Entry::HeapRef Entry::new_buffer(CountedHeap& heap, std::size_t size) {
  const std::size_t capacity = size_class(size);
  return {static_cast<char*>(heap.allocate(capacity)), to_u32(capacity)};
}

void Entry::put_head(const Head& head, const Shape& shape) {
  bits_ = head.order.rest() << 8U;
  last_used_ = head.last_used;
  key_size_ = to_u32(head.key.size());
  set_shape(shape);
  copy_bytes(base() + kHeaderBytes, head.key);
  if (shape.deadline) std::memcpy(base() + kHeaderBytes + key_size_, &head.deadline, sizeof(head.deadline));
}

Entry* Entry::allocate(CountedHeap& heap, const Head& head, const Shape& shape) {
  Entry probe;
  probe.bits_ = 0;
  probe.key_size_ = to_u32(head.key.size());
  probe.set_shape(shape);
  auto* entry = static_cast<Entry*>(heap.allocate(probe.own_bytes()));
  entry->put_head(head, shape);
  return entry;
}

// Gives `entry` another shape and deadline, and keeps the first `payload_kept` bytes of its payload.
Entry* Entry::reshape(CountedHeap& heap, Entry* entry, const Shape& shape, UnixMs deadline,
                      std::size_t payload_kept) {
  const std::size_t old_bytes = entry->own_bytes();
  const std::size_t old_at = entry->payload_at();
  Entry probe;
  probe.bits_ = entry->bits_;
  probe.key_size_ = entry->key_size_;
  probe.set_shape(shape);
  const std::size_t bytes = probe.own_bytes();
  const std::size_t at = probe.payload_at();

  Entry* result = entry;
  if (bytes != old_bytes) {
    result = static_cast<Entry*>(heap.allocate(bytes));
    std::memcpy(result->base(), entry->base(), kHeaderBytes + entry->key_size_);
  }
  if (payload_kept > 0 && (result != entry || at != old_at)) {
    std::memmove(result->base() + at, entry->base() + old_at, payload_kept);
  }
  result->set_shape(shape);
  if (shape.deadline) {
    std::memcpy(result->base() + kHeaderBytes + result->key_size_, &deadline, sizeof(deadline));
  }
  if (result != entry) heap.release(entry, old_bytes);
  return result;
}

// --- making and ending ---

Entry* Entry::create_string(CountedHeap& heap, const Head& head, const StringValue& value) {
  if (!value.is_integer && value.bytes.size() >= limits::kLargeBytesMin) {
    return create_large_string(heap, head, LargeString::create(heap, LargeBytes::copy_of(value.bytes)));
  }
  const Shape shape = shape_for(value, head.deadline);
  Entry* entry = allocate(heap, head, shape);
  if (shape.payload == Payload::kHeap) entry->put_heap_ref(new_buffer(heap, value.bytes.size()));
  if (value.is_integer) {
    std::memcpy(entry->base() + entry->payload_at(), &value.integer, sizeof(value.integer));
  } else {
    copy_bytes(entry->mutable_text(), value.bytes);
  }
  return entry;
}

Entry* Entry::create_large_string(CountedHeap& heap, const Head& head, LargeString* value) {
  Entry* entry = allocate(heap, head, {.payload = Payload::kTable, .deadline = head.deadline != kNoDeadline});
  entry->put_collection(value);
  return entry;
}

Entry* Entry::copy(CountedHeap& heap, const Head& head, const Entry& from) {
  if (from.type() != ValueType::kString || from.is_large_string()) return copy_collection(heap, head, from);
  if (from.payload() == Payload::kInt) return create_string(heap, head, StringValue::number(from.integer()));
  IntText unused;
  Entry* entry = create_string(heap, head, StringValue::raw(from.text(unused)));
  if (from.was_grown()) entry->bits_ |= kGrownFlag;
  return entry;
}

Entry* Entry::take(CountedHeap& heap, const Head& head, Entry* from) {
  Shape shape = from->shape();
  shape.deadline = head.deadline != kNoDeadline;
  Entry* entry = allocate(heap, head, shape);
  std::memcpy(entry->base() + entry->payload_at(), from->base() + from->payload_at(), from->payload_bytes());
  heap.release(from, from->own_bytes());
  return entry;
}

void Entry::destroy(CountedHeap& heap, Entry* entry) {
  std::size_t steps = std::numeric_limits<std::size_t>::max();
  destroy_some(heap, entry, steps);
}

bool Entry::destroy_some(CountedHeap& heap, Entry* entry, std::size_t& steps) {
  if (entry->payload() == Payload::kHeap) {
    const HeapRef ref = entry->heap_ref();
    heap.release(ref.data, ref.capacity);
  } else if (entry->payload() == Payload::kTable) {
    Collection* collection = entry->collection();
    if (!collection->free_some(heap, steps)) return false;
    collection->dispose(heap);
  }
  heap.release(entry, entry->own_bytes());
  if (steps > 0) --steps;
  return true;
}

// --- changing ---

Entry* Entry::assign_string(CountedHeap& heap, Entry* entry, const StringValue& value, UnixMs deadline) {
  const Shape shape = shape_for(value, deadline);
  HeapRef buffer{};
  if (entry->payload() == Payload::kHeap) buffer = entry->heap_ref();
  const std::size_t wanted = shape.payload == Payload::kHeap ? size_class(value.bytes.size()) : 0;
  if (wanted != buffer.capacity) {
    if (buffer.data != nullptr) heap.release(buffer.data, buffer.capacity);
    buffer = {wanted != 0 ? static_cast<char*>(heap.allocate(wanted)) : nullptr, to_u32(wanted)};
  }
  entry = reshape(heap, entry, shape, deadline, 0);
  if (shape.payload == Payload::kHeap) entry->put_heap_ref(buffer);
  if (value.is_integer) {
    std::memcpy(entry->base() + entry->payload_at(), &value.integer, sizeof(value.integer));
  } else {
    copy_bytes(entry->mutable_text(), value.bytes);
  }
  return entry;
}

Entry* Entry::set_deadline(CountedHeap& heap, Entry* entry, UnixMs deadline) {
  Shape shape = entry->shape();
  shape.deadline = deadline != kNoDeadline;
  return reshape(heap, entry, shape, deadline, entry->payload_bytes());
}

// The buffer for a value that becomes `size` bytes long, with its old text in front. One that grows again
// gets half as much on top, so that a value that is appended to again and again is copied O(log n) times.
Entry::HeapRef Entry::grown_buffer(CountedHeap& heap, const Entry& entry, std::string_view old_text,
                                   std::uint32_t size) {
  if (entry.payload() != Payload::kHeap) {
    const HeapRef ref = new_buffer(heap, size);
    copy_bytes(ref.data, old_text);
    return ref;
  }
  HeapRef ref = entry.heap_ref();
  if (size <= ref.capacity) return ref;
  const std::size_t capacity =
      size_class(std::max<std::size_t>(size, std::size_t{ref.capacity} + ref.capacity / 2));
  ref.data = static_cast<char*>(heap.resize(ref.data, ref.capacity, capacity));
  ref.capacity = to_u32(capacity);
  return ref;
}

Entry* Entry::resize_string(CountedHeap& heap, Entry* entry, std::uint32_t size) {
  if (entry->is_large_string() || size >= limits::kLargeBytesMin) return resize_large(heap, entry, size);
  IntText scratch;
  const std::string_view old_text = entry->text(scratch);
  const std::size_t old_size = old_text.size();
  const bool was_integer = entry->payload() == Payload::kInt;
  const UnixMs deadline = entry->deadline();
  Shape shape = entry->shape();
  shape.grown = true;
  shape.value_size = size;
  if (entry->payload() == Payload::kHeap || size > limits::kInlineValueBytesMax) {
    const HeapRef buffer = grown_buffer(heap, *entry, old_text, size);
    shape.payload = Payload::kHeap;
    entry = reshape(heap, entry, shape, deadline, 0);
    entry->put_heap_ref(buffer);
  } else {
    shape.payload = Payload::kInline;
    entry = reshape(heap, entry, shape, deadline, was_integer ? 0 : std::min<std::size_t>(old_size, size));
    if (was_integer) copy_bytes(entry->mutable_text(), old_text.substr(0, size));
  }
  if (size > old_size) std::memset(entry->mutable_text() + old_size, 0, size - old_size);
  return entry;
}

Entry* Entry::resize_large(CountedHeap& heap, Entry* entry, std::uint32_t size) {
  Shape shape = entry->shape();
  shape.grown = true;
  if (entry->is_large_string()) {
    static_cast<LargeString*>(entry->collection())->grow(heap, size);
    entry->set_shape(shape);
    return entry;
  }
  IntText scratch;
  LargeBytes bytes(size);
  copy_bytes(bytes.data(), entry->text(scratch));
  LargeString* large = LargeString::create(heap, std::move(bytes));
  if (entry->payload() == Payload::kHeap) heap.release(entry->heap_ref().data, entry->heap_ref().capacity);
  shape.payload = Payload::kTable;
  shape.value_size = 0;
  entry = reshape(heap, entry, shape, entry->deadline(), 0);
  entry->put_collection(large);
  return entry;
}

}  // namespace ringhold
