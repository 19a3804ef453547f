// Reads replies: for the client, and for the proxy where it must look into one (to merge several).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/limits.h"
#include "common/base/result.h"

namespace ringhold {

// One reply as a tree. `text` holds the payload of strings, errors, big numbers and verbatim strings (without
// the "txt:" in front, which is in `format`). Maps hold key, value, key, value in `elements`.
struct ReplyValue {
  enum class Kind {
    kSimple,
    kError,
    kInteger,
    kBulk,
    kNull,
    kNullArray,
    kArray,
    kMap,
    kSet,
    kPush,
    kBoolean,
    kDouble,
    kBigNumber,
    kVerbatim
  };
  Kind kind = Kind::kNull;
  std::int64_t integer = 0;  // also 0 or 1 for kBoolean
  double number = 0;
  std::string text;    // kDouble: as it was sent
  std::string format;  // kVerbatim: "txt", "mkd"
  std::vector<ReplyValue> elements;

  bool is_error() const { return kind == Kind::kError; }
  bool is_null() const { return kind == Kind::kNull || kind == Kind::kNullArray; }
};

class ReplyParser {
 public:
  enum class Status { kNeedMore, kReply, kError };

  // Like RequestParser::next: `input` starts at a reply's first byte. After kReply, consumed() bytes were one
  // whole reply. Attributes ('|') are skipped. Nesting beyond limits::kReplyDepthMax is an error, and so are
  // streamed strings and aggregates, which no Redis sends. Linear in the bytes, however they are split.
  // kError is final, until reset().
  Status next(std::string_view input);
  std::size_t consumed() const { return consumed_; }
  const std::string& error() const { return error_; }
  void reset();

 private:
  std::size_t scanned_ = 0;   // bytes of the current reply that were understood
  std::size_t searched_ = 0;  // up to where the line at scanned_ has no end
  std::vector<std::size_t>
      open_;  // elements that are still missing, per level; empty: at a reply's beginning
  std::size_t consumed_ = 0;
  std::string error_;
};

// Decodes one complete reply (what ReplyParser called kReply).
Result<ReplyValue> decode_reply(std::string_view reply);

// Walks the elements of one complete array, set, map or push reply without decoding: the raw bytes of each
// (attributes in front included). A null array has none. Any other reply is an error.
Result<std::vector<std::string_view>> split_aggregate(std::string_view reply);

}  // namespace ringhold
