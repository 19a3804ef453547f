// Reply: what a server answers, as a tree of values. It copies, moves and holds on to nothing.
//
// Most code never looks at one, but says what it expects:
//
//   client.call("GET", key).as<std::optional<std::string>>()
//   client.call("HGETALL", key).as<std::map<std::string, std::string>>()
//
//   as<...>                       takes
//   std::string                   strings, statuses, numbers (their digits)
//   integers                      integers, and strings that hold one in decimal; what does not fit is a
//   failure double, float                 doubles, integers, and strings that hold one bool booleans, and the
//   integers 0 and 1 std::optional<T>              null, or what T takes std::vector<T>, std::set<T>   arrays
//   and sets std::map<K, V>, std::vector<std::pair<K, V>>   maps, arrays of pairs, arrays of key, value, key,
//   value std::pair<A, B>               arrays of two Reply                         anything
//
// (Also std::unordered_map and std::unordered_set.) Null is a failure, except for std::optional and Reply.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ringhold/expected.h"

namespace ringhold {

class Reply {
 public:
  enum class Kind {
    kNull,
    kString,     // bytes, of any content
    kStatus,     // a short word of the server: OK, PONG
    kInteger,    // 64 bits
    kDouble,     // RESP3: a score, for instance
    kBoolean,    // RESP3
    kBigNumber,  // RESP3: the digits are the text
    kArray,
    kMap,    // RESP3; elements() are key, value, key, value
    kSet,    // RESP3
    kError,  // only inside an array: a command that is refused as a whole gives a Failure
  };

  // Null. Any other is made by a Client, or of its parts, by tests for instance.
  struct Parts {
    Kind kind = Kind::kNull;
    std::string text{};        // strings, statuses, errors, big numbers; doubles as they were sent
    std::int64_t integer = 0;  // kInteger; kBoolean: 0 or 1
    double number = 0;         // kDouble
    std::vector<Reply> elements{};
  };
  Reply();
  explicit Reply(Parts parts);
  Reply(const Reply&);
  Reply(Reply&&) noexcept;
  Reply& operator=(const Reply&);
  Reply& operator=(Reply&&) noexcept;
  ~Reply();

  Kind kind() const { return parts_.kind; }
  bool is_null() const { return parts_.kind == Kind::kNull; }
  // Each is empty or 0 for the kinds that have none; see Parts.
  const std::string& text() const { return parts_.text; }
  std::int64_t integer() const { return parts_.integer; }
  double number() const { return parts_.number; }
  const std::vector<Reply>& elements() const { return parts_.elements; }

  template <typename T>
  Expected<T> as() const& {
    return Reply(*this).as<T>();
  }
  // Large strings are moved, not copied.
  template <typename T>
  Expected<T> as() &&;

  Parts take() && { return std::move(parts_); }

 private:
  Parts parts_;
};

}  // namespace ringhold

#include "ringhold/reply_as.h"  // IWYU pragma: export
