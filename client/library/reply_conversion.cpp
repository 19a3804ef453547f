#include "client/library/reply_conversion.h"

#include <string>
#include <utility>

namespace ringhold::client {

namespace {

Reply::Kind kind_of(ReplyValue::Kind kind) {
  switch (kind) {
    case ReplyValue::Kind::kNull:
    case ReplyValue::Kind::kNullArray:
      return Reply::Kind::kNull;
    case ReplyValue::Kind::kSimple:
      return Reply::Kind::kStatus;
    case ReplyValue::Kind::kError:
      return Reply::Kind::kError;
    case ReplyValue::Kind::kInteger:
      return Reply::Kind::kInteger;
    case ReplyValue::Kind::kBulk:
    case ReplyValue::Kind::kVerbatim:
      return Reply::Kind::kString;
    case ReplyValue::Kind::kMap:
      return Reply::Kind::kMap;
    case ReplyValue::Kind::kSet:
      return Reply::Kind::kSet;
    case ReplyValue::Kind::kArray:
    case ReplyValue::Kind::kPush:  // never the whole of a reply: Connection sets them apart
      return Reply::Kind::kArray;
    case ReplyValue::Kind::kBoolean:
      return Reply::Kind::kBoolean;
    case ReplyValue::Kind::kDouble:
      return Reply::Kind::kDouble;
    case ReplyValue::Kind::kBigNumber:
      return Reply::Kind::kBigNumber;
  }
  return Reply::Kind::kNull;
}

// As deep as the parser allows: limits::kReplyDepthMax.
Reply to_reply(ReplyValue&& value) {
  Reply::Parts parts;
  parts.kind = kind_of(value.kind);
  parts.text = std::move(value.text);
  parts.integer = value.integer;
  parts.number = value.number;
  parts.elements.reserve(value.elements.size());
  for (ReplyValue& element : value.elements) parts.elements.push_back(to_reply(std::move(element)));
  return Reply(std::move(parts));
}

}  // namespace

Failure failure_of_error(std::string_view text) {
  const std::string code(text.substr(0, text.find(' ')));
  const auto kind = code == "UNCERTAIN" ? Failure::Kind::kUnknownOutcome : Failure::Kind::kErrorReply;
  return {.kind = kind, .message = std::string(text), .code = code};
}

Expected<Reply> to_expected(ReplyValue&& value) {
  if (value.is_error()) return failure_of_error(value.text);
  return to_reply(std::move(value));
}

}  // namespace ringhold::client
