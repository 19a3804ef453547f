// What the benchmarks share: a store that is used at two levels, and keys.
//
// The store's own calls (dataserver/store) are what a program would call that had the store in itself: key
// in, value copied out. Commands (dataserver/commands) are what a client's request runs: arguments in, RESP
// out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/byte_buffer.h"
#include "common/resp/reply_writer.h"
#include "dataserver/commands/handler.h"
#include "dataserver/store/store.h"

namespace ringhold::bench {

inline constexpr UnixMs kNow = 1700000000000;
inline constexpr std::size_t kMillion = 1000000;
inline const std::string kValue(64, 'v');

// 16 bytes.
inline std::string key_of(std::size_t number) {
  const std::string digits = std::to_string(number);
  return "key:" + std::string(12 - digits.size(), '0') + digits;
}

// Keys below `bound` in random order, each time the same ones.
class RandomKeys {
 public:
  explicit RandomKeys(std::size_t bound) : mask_(bound > 1 ? 0xFFFFU : 0) {
    std::uint64_t state = 0;
    while (keys_.size() <= mask_) keys_.push_back(key_of(next(state) % bound));
  }
  const std::string& operator[](std::size_t i) const { return keys_[i & mask_]; }

 private:
  static std::uint64_t next(std::uint64_t& state) {
    std::uint64_t x = (state += 0x9E3779B97F4A7C15U);
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
    return x ^ (x >> 27U);
  }

  std::size_t mask_;
  std::vector<std::string> keys_;
};

using Words = std::vector<std::string_view>;

class BenchStore {
 public:
  BenchStore() : store_({.seed = 1}) {}

  // Returns the size of the reply.
  std::size_t run(Handler handler, std::span<const std::string_view> args) {
    out_.clear();
    ReplyWriter reply(out_, RespVersion::k2);
    CommandContext context{args, reply, store_, kNow, ++seed_};
    handler(context);
    return out_.size();
  }
  // Runs the command once on each of the first `keys` keys.
  void fill(std::size_t keys, CommandId id, const Words& rest) {
    const Handler handler = store_handler(id);
    for (std::size_t i = 0; i < keys; ++i) {
      const std::string key = key_of(i);
      Words args{"", key};
      args.insert(args.end(), rest.begin(), rest.end());
      run(handler, args);
    }
  }
  Store& store() { return store_; }

 private:
  Store store_;
  ByteBuffer out_;
  std::uint64_t seed_ = 0;
};

void register_key_benches();    // one key and a million keys, at both levels
void register_large_benches();  // one key with a million items
void register_memory_benches();
void register_message_benches();

}  // namespace ringhold::bench
