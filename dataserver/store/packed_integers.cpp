#include "dataserver/store/packed_integers.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace ringhold {

namespace {

template <typename Integer>
std::int64_t read(const char* at) {
  Integer value = 0;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

template <typename Integer>
void write(char* at, std::int64_t value) {
  const auto narrow = static_cast<Integer>(value);
  std::memcpy(at, &narrow, sizeof(narrow));
}

template <typename Integer>
bool fits(std::int64_t value) {
  return value >= std::numeric_limits<Integer>::min() && value <= std::numeric_limits<Integer>::max();
}

}  // namespace

std::size_t PackedIntegers::width_of(std::int64_t value) {
  if (fits<std::int16_t>(value)) return sizeof(std::int16_t);
  return fits<std::int32_t>(value) ? sizeof(std::int32_t) : sizeof(std::int64_t);
}

void PackedIntegers::put(char* at, std::size_t width, std::int64_t value) {
  switch (width) {
    case sizeof(std::int16_t):
      return write<std::int16_t>(at, value);
    case sizeof(std::int32_t):
      return write<std::int32_t>(at, value);
    default:
      return write<std::int64_t>(at, value);
  }
}

std::string PackedIntegers::pack(std::span<const std::int64_t> sorted) {
  std::size_t width = sizeof(std::int16_t);
  if (!sorted.empty()) width = std::max(width_of(sorted.front()), width_of(sorted.back()));
  std::string payload(kHeaderBytes + sorted.size() * width, '\0');
  payload[0] = static_cast<char>(width);
  for (std::size_t i = 0; i < sorted.size(); ++i)
    put(payload.data() + kHeaderBytes + i * width, width, sorted[i]);
  return payload;
}

std::int64_t PackedIntegers::at(std::size_t index) const {
  const char* at = payload_.data() + position(index);
  switch (width()) {
    case sizeof(std::int16_t):
      return read<std::int16_t>(at);
    case sizeof(std::int32_t):
      return read<std::int32_t>(at);
    default:
      return read<std::int64_t>(at);
  }
}

std::size_t PackedIntegers::lower_bound(std::int64_t value) const {
  std::size_t low = 0;
  std::size_t high = count();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (at(middle) < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace ringhold
