// The entries of lists, hashes, sets and sorted sets.
#include <cstring>
#include <limits>

#include "common/base/check.h"
#include "dataserver/store/collection.h"
#include "dataserver/store/entry.h"

namespace ringhold {

namespace {

void copy_bytes(char* to, std::string_view from) {
  if (!from.empty()) std::memcpy(to, from.data(), from.size());
}

// Moves what follows a splice to its new place, in a payload of `size` bytes before it.
void move_tail(char* payload, std::size_t size, const Entry::Splice& splice) {
  const std::size_t tail = splice.at + splice.removed;
  if (tail < size) std::memmove(payload + splice.at + splice.added, payload + tail, size - tail);
}

// The same, into other memory: what stands before the splice, too.
void copy_spliced(char* to, std::string_view from, const Entry::Splice& splice) {
  copy_bytes(to, from.substr(0, splice.at));
  copy_bytes(to + splice.at + splice.added, from.substr(splice.at + splice.removed));
}

}  // namespace

// The bytes stand in an allocation of their own where that is less than the step to the next size class.
Entry::Shape Entry::packed_shape(ValueType type, std::size_t key_size, UnixMs deadline, std::size_t size) {
  INVARIANT(size <= std::numeric_limits<std::uint32_t>::max());
  Shape shape{
      .type = type, .deadline = deadline != kNoDeadline, .value_size = static_cast<std::uint32_t>(size)};
  const std::size_t front = kHeaderBytes + key_size + (shape.deadline ? sizeof(deadline) : 0);
  if (size_class(front + kHeapRefBytes) + size_class(size) < size_class(front + size)) {
    shape.payload = Payload::kHeap;
  }
  return shape;
}

Entry* Entry::create_packed(CountedHeap& heap, const Head& head, ValueType type, std::size_t size) {
  const Shape shape = packed_shape(type, head.key.size(), head.deadline, size);
  Entry* entry = allocate(heap, head, shape);
  if (shape.payload == Payload::kHeap) entry->put_heap_ref(new_buffer(heap, size));
  return entry;
}

Entry* Entry::copy_collection(CountedHeap& heap, const Head& head, const Entry& from) {
  if (from.is_packed()) {
    Entry* entry = create_packed(heap, head, from.type(), from.packed().size());
    copy_bytes(entry->mutable_packed(), from.packed());
    return entry;
  }
  Shape shape = from.shape();
  shape.deadline = head.deadline != kNoDeadline;
  Entry* entry = allocate(heap, head, shape);
  entry->put_collection(from.collection()->clone(heap));
  return entry;
}

Entry* Entry::splice_packed(CountedHeap& heap, Entry* entry, const Splice& splice) {
  INVARIANT(entry->is_packed() && splice.at + splice.removed <= entry->value_size_);
  const std::size_t size = entry->value_size_ - splice.removed + splice.added;
  const Shape shape = packed_shape(entry->type(), entry->key_size_, entry->deadline(), size);
  const bool is_inline = entry->payload() == Payload::kInline && shape.payload == Payload::kInline;
  return is_inline ? splice_inline(heap, entry, shape, splice) : splice_apart(heap, entry, shape, splice);
}

Entry* Entry::splice_inline(CountedHeap& heap, Entry* entry, const Shape& shape, const Splice& splice) {
  const std::size_t old_size = entry->value_size_;
  // What follows moves to its new place before the payload shrinks, and after it has grown.
  const bool grows = splice.added > splice.removed;
  if (!grows) move_tail(entry->mutable_packed(), old_size, splice);
  entry = reshape(heap, entry, shape, entry->deadline(), grows ? old_size : shape.value_size);
  if (grows) move_tail(entry->mutable_packed(), old_size, splice);
  return entry;
}

// Where the bytes have, or get, an allocation of their own.
Entry* Entry::splice_apart(CountedHeap& heap, Entry* entry, const Shape& shape, const Splice& splice) {
  const std::string_view old = entry->packed();
  HeapRef old_buffer{};
  if (entry->payload() == Payload::kHeap) old_buffer = entry->heap_ref();
  const bool is_apart = shape.payload == Payload::kHeap;
  if (is_apart && size_class(shape.value_size) == old_buffer.capacity) {
    move_tail(old_buffer.data, old.size(), splice);
    entry->set_shape(shape);
    return entry;
  }
  HeapRef buffer{};
  if (is_apart) {
    buffer = new_buffer(heap, shape.value_size);
    copy_spliced(buffer.data, old, splice);
  }
  entry = reshape(heap, entry, shape, entry->deadline(), 0);
  if (is_apart) {
    entry->put_heap_ref(buffer);
  } else {
    copy_spliced(entry->mutable_packed(), old, splice);
  }
  if (old_buffer.data != nullptr) heap.release(old_buffer.data, old_buffer.capacity);
  return entry;
}

Entry* Entry::set_collection(CountedHeap& heap, Entry* entry, Collection* collection) {
  INVARIANT(entry->is_packed());
  if (entry->payload() == Payload::kHeap) {
    const HeapRef buffer = entry->heap_ref();
    heap.release(buffer.data, buffer.capacity);
  }
  Shape shape = entry->shape();
  shape.payload = Payload::kTable;
  shape.value_size = 0;
  entry = reshape(heap, entry, shape, entry->deadline(), 0);
  entry->put_collection(collection);
  return entry;
}

}  // namespace ringhold
