// Requests: the bytes fed whole and fed in pieces (in a buffer that moves) must give the same requests and
// the same error, and arguments must lie within what was consumed.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/check.h"
#include "common/resp/request_parser.h"

namespace ringhold {
namespace {

struct Outcome {
  std::vector<std::vector<std::string>> requests;
  std::string error;
  std::size_t rest = 0;
  bool operator==(const Outcome&) const = default;
};

// Small limits, so that the fuzzer reaches every one of them.
constexpr RequestLimits kLimits{
    .bulk_bytes_max = 64, .arguments_max = 16, .inline_bytes_max = 48, .request_bytes_max = 256};

// Pieces of 1 to `piece_bytes_max` bytes, chosen by `seed`.
Outcome feed(std::string_view bytes, std::size_t piece_bytes_max, std::uint32_t seed) {
  RequestParser parser(kLimits);
  Outcome outcome;
  std::size_t begin = 0;
  std::size_t end = 0;
  while (end < bytes.size()) {
    seed = seed * 1664525U + 1013904223U;
    end = std::min(bytes.size(), end + 1 + (seed >> 8U) % piece_bytes_max);
    while (begin < end) {
      const std::size_t size = end - begin;
      const std::unique_ptr<char[]> moved(new char[size]);
      bytes.copy(moved.get(), size, begin);
      const auto status = parser.next({moved.get(), size});
      if (status == RequestParser::Status::kNeedMore) {
        INVARIANT(parser.bytes_expected() == 0 || parser.bytes_expected() > size);
        break;
      }
      if (status == RequestParser::Status::kError) {
        outcome.error = parser.error();
        return outcome;
      }
      INVARIANT(parser.consumed() > 0 && parser.consumed() <= size);
      outcome.requests.emplace_back(parser.args().begin(), parser.args().end());
      begin += parser.consumed();
    }
  }
  outcome.rest = bytes.size() - begin;
  return outcome;
}

}  // namespace
}  // namespace ringhold

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4 || size > 4096) return 0;
  const std::uint32_t seed = data[0] * 251U + data[1];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto whole = ringhold::feed(bytes, bytes.size() * 2, 0);
  INVARIANT(whole == ringhold::feed(bytes, 1, 0));
  INVARIANT(whole == ringhold::feed(bytes, 16, seed));
  return 0;
}
