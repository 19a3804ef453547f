// Feeds bytes to a parser in pieces, as a stream would: what is not consumed stays in front, and the buffer
// moves between any two calls.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/resp/request_parser.h"

namespace ringhold::test {

struct Parsed {
  std::vector<std::vector<std::string>> requests;
  std::string error;
  std::size_t rest = 0;  // bytes that were left over

  bool operator==(const Parsed&) const = default;
};

// Calls next() after each piece; `piece_bytes(i)` is the size of the i-th, at least 1.
template <typename PieceBytes>
Parsed feed_requests(RequestParser parser, std::string_view bytes, PieceBytes piece_bytes) {
  Parsed parsed;
  std::string pending;
  std::size_t fed = 0;
  for (std::size_t piece = 0; fed < bytes.size(); ++piece) {
    const std::string_view more = bytes.substr(fed, piece_bytes(piece));
    fed += more.size();
    pending.append(more);
    while (true) {
      // Exactly as long as its content, so that a sanitizer sees any byte read behind it.
      const std::unique_ptr<char[]> moved(new char[pending.size()]);
      pending.copy(moved.get(), pending.size());
      const auto status = parser.next({moved.get(), pending.size()});
      if (status == RequestParser::Status::kNeedMore) break;
      if (status == RequestParser::Status::kError) {
        parsed.error = parser.error();
        return parsed;
      }
      parsed.requests.emplace_back(parser.args().begin(), parser.args().end());
      pending.erase(0, parser.consumed());
      if (pending.empty()) break;
    }
  }
  parsed.rest = pending.size();
  return parsed;
}

inline Parsed feed_whole(std::string_view bytes, const RequestLimits& limits = {}) {
  return feed_requests(RequestParser(limits), bytes, [&bytes](std::size_t) { return bytes.size(); });
}

inline Parsed feed_bytewise(std::string_view bytes, const RequestLimits& limits = {}) {
  return feed_requests(RequestParser(limits), bytes, [](std::size_t) { return std::size_t{1}; });
}

// A small generator with a state of its own, so that every run is the same.
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : state_(seed) {}
  std::uint32_t roll(std::uint32_t bound) {
    state_ = state_ * 1664525U + 1013904223U;
    return (state_ >> 8U) % bound;
  }

 private:
  std::uint32_t state_;
};

}  // namespace ringhold::test
