#include "dataserver/store/strings.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/base/text.h"
#include "dataserver/store/long_double.h"

namespace ringhold::strings {

namespace {

bool is_string(const Place& place) {
  return place.entry->type() == ValueType::kString;
}

bool too_long(const Store& store, std::size_t size) {
  return size > store.options().value_bytes_max || size > limits::kStringBytesMax;
}

}  // namespace

ReadResult get(Store& store, std::string_view key, UnixMs now, IntText& scratch) {
  const Place place = store.find(store.hash(key), now, Use::kRead);
  if (!place) return {Status::kMissing, {}};
  if (!is_string(place)) return {Status::kWrongType, {}};
  return {Status::kOk, place.entry->text(scratch)};
}

ReadResult get_range(Store& store, std::string_view key, std::int64_t first, std::int64_t last, UnixMs now,
                     IntText& scratch) {
  ReadResult result = get(store, key, now, scratch);
  const auto size = static_cast<std::int64_t>(result.value.size());
  if (first < 0 && last < 0 && first > last) return {result.status, {}};
  if (first < 0) first = std::max<std::int64_t>(0, size + first);
  if (last < 0) last = std::max<std::int64_t>(0, size + last);
  last = std::min(last, size - 1);
  if (first > last) return {result.status, {}};
  result.value =
      result.value.substr(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first + 1));
  return result;
}

LengthResult length(Store& store, std::string_view key, UnixMs now) {
  const Place place = store.find(store.hash(key), now, Use::kRead);
  if (!place) return {Status::kMissing};
  if (!is_string(place)) return {Status::kWrongType};
  return {Status::kOk, place.entry->text_size()};
}

LengthResult append(Store& store, std::string_view key, std::string_view bytes, UnixMs now) {
  const HashedKey hashed = store.hash(key);
  Place place = store.find(hashed, now, Use::kWrite);
  if (!place) {
    if (too_long(store, bytes.size())) return {Status::kTooLong};
    store.set_string(hashed, place, StringValue::encode(bytes), kNoDeadline, now);
    return {Status::kOk, bytes.size()};
  }
  if (!is_string(place)) return {Status::kWrongType};
  const std::size_t old_size = place.entry->text_size();
  const std::size_t size = old_size + bytes.size();
  if (too_long(store, size)) return {Status::kTooLong};
  char* text = store.resize_string(hashed, place, size, {old_size, bytes.size()}, now);
  if (!bytes.empty()) std::memcpy(text, bytes.data(), bytes.size());
  return {Status::kOk, size};
}

LengthResult set_range(Store& store, std::string_view key, std::int64_t offset, std::string_view bytes,
                       UnixMs now) {
  const HashedKey hashed = store.hash(key);
  Place place = store.find(hashed, now, Use::kWrite);
  if (place && !is_string(place)) return {Status::kWrongType};
  const std::size_t old_size = place ? place.entry->text_size() : 0;
  if (bytes.empty()) return {Status::kOk, old_size};
  // Neither summand is above 2^63, so the sum cannot wrap.
  const std::size_t end = static_cast<std::size_t>(offset) + bytes.size();
  if (too_long(store, end)) return {Status::kTooLong};
  const std::size_t size = std::max(old_size, end);
  const auto first = static_cast<std::size_t>(offset);
  std::memcpy(store.resize_string(hashed, place, size, {first, bytes.size()}, now), bytes.data(),
              bytes.size());
  return {Status::kOk, size};
}

Status set(Store& store, std::string_view key, std::string_view value, const SetOptions& options,
           UnixMs now) {
  if (too_long(store, value.size())) return Status::kTooLong;
  const HashedKey hashed = store.hash(key);
  Place place = store.find(hashed, now, Use::kWrite);
  if (options.condition == Condition::kIfAbsent && place) return Status::kNotStored;
  if (options.condition == Condition::kIfPresent && !place) return Status::kNotStored;
  const UnixMs deadline = options.keep_deadline && place ? place.entry->deadline() : options.deadline;
  if (value.size() >= limits::kLargeBytesMin && options.owner != nullptr) {
    if (LargeBytes taken = options.owner->take(value); !taken.empty()) {
      store.set_large_string(hashed, place, std::move(taken), deadline, now);
      return Status::kOk;
    }
  }
  store.set_string(hashed, place, StringValue::encode(value), deadline, now);
  return Status::kOk;
}

IntegerResult increment(Store& store, std::string_view key, std::int64_t by, UnixMs now) {
  const HashedKey hashed = store.hash(key);
  Place place = store.find(hashed, now, Use::kWrite);
  std::int64_t value = 0;
  UnixMs deadline = kNoDeadline;
  if (place) {
    if (!is_string(place)) return {Status::kWrongType};
    IntText unused;
    const auto old = place.entry->payload() == Payload::kInt ? std::optional(place.entry->integer())
                                                             : parse_int64(place.entry->text(unused));
    if (!old) return {Status::kNotInteger};
    value = *old;
    deadline = place.entry->deadline();
  }
  if (__builtin_add_overflow(value, by, &value)) return {Status::kOverflow};
  store.set_string(hashed, place, StringValue::number(value), deadline, now);
  return {Status::kOk, value};
}

ReadResult increment_float(Store& store, std::string_view key, std::string_view by, UnixMs now,
                           FloatText& scratch) {
  const HashedKey hashed = store.hash(key);
  Place place = store.find(hashed, now, Use::kWrite);
  long double value = 0;
  if (place) {
    if (!is_string(place)) return {Status::kWrongType, {}};
    IntText unused;
    const auto old = parse_long_double(place.entry->text(unused));
    if (!old) return {Status::kNotFloat, {}};
    value = *old;
  }
  const auto addend = parse_long_double(by);
  if (!addend) return {Status::kNotFloat, {}};
  const std::string_view text = format_long_double(value + *addend, scratch.bytes);
  if (text.empty()) return {Status::kNotFinite, {}};
  const UnixMs deadline = place ? place.entry->deadline() : kNoDeadline;
  store.set_string(hashed, place, StringValue::raw(text), deadline, now);
  return {Status::kOk, text};
}

}  // namespace ringhold::strings
