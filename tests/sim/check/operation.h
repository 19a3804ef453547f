// What a simulated client did to one key, and what it saw: the raw material of the checkers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/reactor/clock.h"
#include "tests/sim/check/item_list.h"

namespace ringhold::sim {

// Commands over several keys are recorded as one operation per key (they are not atomic across slots).
enum class OpKind : std::uint8_t {
  kGet,      // sees: text or nil
  kStrlen,   // sees: number
  kExists,   // sees: number, 0 or 1
  kSet,      // sees nothing
  kSetNx,    // sees: number
  kGetSet,   // sees: text or nil
  kIncr,     // sees: number, or kNotANumber
  kAppend,   // sees: number
  kDel,      // sees: number
  kExpire,   // with a time far beyond the run; sees: number
  kPersist,  // sees: number
  kRPush,    // of one item; sees: number
  kLPush,    // of one item; sees: number
  kLPop,     // sees: text or nil
  kRPop,     // sees: text or nil
  kLLen,     // sees: number
  kLRange,   // of all items; sees: items, none of a key that is not there
};
const char* op_name(OpKind kind);
inline bool is_read(OpKind kind) {
  return kind == OpKind::kGet || kind == OpKind::kStrlen || kind == OpKind::kExists ||
         kind == OpKind::kLLen || kind == OpKind::kLRange;
}

struct Observation {
  enum class Kind : std::uint8_t {
    kNothing,  // it was done, but its own reply says nothing about this key (MSET, DEL of several keys)
    kText,
    kNil,
    kNumber,
    kNotANumber,  // INCR of a value that is none
    kItems,
    kWrongType,  // a command on strings met a list, or the other way round
  };
  Kind kind = Kind::kNothing;
  std::string text;
  std::int64_t number = 0;
  ItemList items;  // of kItems
  bool operator==(const Observation&) const = default;
};

enum class Outcome : std::uint8_t {
  kDone,     // it took effect between `invoked` and `returned`, and saw `seen`
  kUnknown,  // an error that leaves it open, or a lost connection: it may take effect at any time, or never
  kNot,      // an error that says that it was not done
};

struct Operation {
  std::uint64_t id = 0;  // unique in the run, ascending in the order of sending
  std::uint32_t connection =
      0;              // unique in the run; operations of one connection on one key keep their order
  std::string front;  // whom it was sent to, for messages
  OpKind kind = OpKind::kGet;
  std::string key;
  std::string argument;  // of kSet, kSetNx, kGetSet, kAppend, kRPush, kLPush
  MonoTime invoked{};
  MonoTime returned = MonoTime::max();
  Outcome outcome = Outcome::kUnknown;
  Observation seen;
};

// "1.234567..1.240000 c3 #17 SET k1 'v17' -> OK"
std::string describe(const Operation& operation);

}  // namespace ringhold::sim
