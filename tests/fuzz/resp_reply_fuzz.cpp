// Replies: fed whole and fed in pieces they must end at the same byte; what the parser calls a reply must
// decode, and the elements of an aggregate must be replies themselves.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/check.h"
#include "common/resp/reply_parser.h"

namespace ringhold {
namespace {

struct Outcome {
  ReplyParser::Status status = ReplyParser::Status::kNeedMore;
  std::size_t consumed = 0;
  std::string error;
  bool operator==(const Outcome&) const = default;
};

Outcome outcome_of(ReplyParser& parser, std::string_view bytes) {
  const std::unique_ptr<char[]> moved(new char[bytes.size()]);
  bytes.copy(moved.get(), bytes.size());
  const auto status = parser.next({moved.get(), bytes.size()});
  return {status, status == ReplyParser::Status::kReply ? parser.consumed() : 0, parser.error()};
}

Outcome feed_bytewise(std::string_view bytes) {
  ReplyParser parser;
  Outcome outcome;
  for (std::size_t n = 1; n <= bytes.size() && outcome.status == ReplyParser::Status::kNeedMore; ++n) {
    outcome = outcome_of(parser, bytes.substr(0, n));
  }
  return outcome;
}

void check_one(std::string_view bytes) {
  ReplyParser parser;
  const Outcome whole = outcome_of(parser, bytes);
  INVARIANT(whole == feed_bytewise(bytes));
  if (whole.status != ReplyParser::Status::kReply) {
    INVARIANT(!decode_reply(bytes).ok());
    return;
  }
  const std::string_view reply = bytes.substr(0, whole.consumed);
  const auto value = decode_reply(reply);
  INVARIANT(value.ok());
  const auto elements = split_aggregate(reply);
  if (!elements.ok()) return;
  INVARIANT(elements->size() == value->elements.size());
  for (const std::string_view element : *elements) INVARIANT(decode_reply(element).ok());
}

}  // namespace
}  // namespace ringhold

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  ringhold::check_one({reinterpret_cast<const char*>(data), size});
  return 0;
}
