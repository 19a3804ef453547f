// What the string commands mean, without their arguments and replies (those: dataserver/commands).
//
// Every function that finds a value of another type says kWrongType and changes nothing; a missing key counts
// as an empty string, or as 0. Views are valid until the store changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/ids.h"
#include "dataserver/store/store.h"

namespace ringhold::strings {

enum class Status : std::uint8_t {
  kOk,
  kMissing,    // no such key
  kNotStored,  // a condition (NX, XX) was not met
  kWrongType,
  kTooLong,  // beyond StoreOptions::value_bytes_max
  kNotInteger,
  kNotFloat,
  kOverflow,
  kNotFinite,  // the sum would be infinite or not a number
};

struct ReadResult {
  Status status;
  std::string_view value;  // an integer's text stands in `scratch`
};
ReadResult get(Store& store, std::string_view key, UnixMs now, IntText& scratch);
// Bytes `first` to `last`, both included; negative counts from the end. Empty where Redis's GETRANGE is.
ReadResult get_range(Store& store, std::string_view key, std::int64_t first, std::int64_t last, UnixMs now,
                     IntText& scratch);

struct LengthResult {
  Status status;
  std::size_t length = 0;
};
LengthResult length(Store& store, std::string_view key, UnixMs now);
LengthResult append(Store& store, std::string_view key, std::string_view bytes, UnixMs now);
// Writes `bytes` at `offset`, zeros before it where the string was shorter. Precondition: offset >= 0.
LengthResult set_range(Store& store, std::string_view key, std::int64_t offset, std::string_view bytes,
                       UnixMs now);

enum class Condition : std::uint8_t { kAlways, kIfAbsent, kIfPresent };
struct SetOptions {
  Condition condition = Condition::kAlways;
  bool keep_deadline = false;
  UnixMs deadline = kNoDeadline;
  BytesOwner* owner = nullptr;  // of the value
};
// Replaces a value of any type.
Status set(Store& store, std::string_view key, std::string_view value, const SetOptions& options, UnixMs now);

struct IntegerResult {
  Status status;
  std::int64_t value = 0;
};
IntegerResult increment(Store& store, std::string_view key, std::int64_t by, UnixMs now);

// `by` is text, as Redis reads a long double; the result is its text in decimal notation, in `scratch`.
struct FloatText {
  char bytes[5 * 1024];  // room for any long double without an exponent
};
ReadResult increment_float(Store& store, std::string_view key, std::string_view by, UnixMs now,
                           FloatText& scratch);

}  // namespace ringhold::strings
