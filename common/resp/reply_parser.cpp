#include "common/resp/reply_parser.h"

#include "common/base/check.h"
#include "common/resp/reply_element.h"
#include "common/resp/reply_number.h"

namespace ringhold {

ReplyParser::Status ReplyParser::next(std::string_view input) {
  if (!error_.empty()) return Status::kError;
  if (open_.empty()) open_.push_back(1);
  while (!open_.empty()) {
    if (open_.back() == 0) {
      open_.pop_back();
      continue;
    }
    const ElementRead read = read_element(input, scanned_, searched_);
    if (read.status == ElementStatus::kNeedMore) return Status::kNeedMore;
    if (read.status == ElementStatus::kError) {
      error_ = read.error;
      return Status::kError;
    }
    scanned_ = read.element.end;
    searched_ = 0;
    // An attribute stands in front of an element, it is none itself.
    if (read.element.type != '|') --open_.back();
    if (read.element.children > 0) {
      if (open_.size() > limits::kReplyDepthMax) {
        error_ = "nested too deeply";
        return Status::kError;
      }
      open_.push_back(read.element.children);
    }
  }
  consumed_ = scanned_;
  scanned_ = 0;
  return Status::kReply;
}

void ReplyParser::reset() {
  scanned_ = searched_ = consumed_ = 0;
  open_.clear();
  error_.clear();
}

namespace {

ReplyValue::Kind kind_of(const ReplyElement& element) {
  using Kind = ReplyValue::Kind;
  switch (element.type) {
    case '+':
      return Kind::kSimple;
    case '-':
    case '!':
      return Kind::kError;
    case ':':
      return Kind::kInteger;
    case '$':
      return element.is_null ? Kind::kNull : Kind::kBulk;
    case '*':
      return element.is_null ? Kind::kNullArray : Kind::kArray;
    case '%':
      return Kind::kMap;
    case '~':
      return Kind::kSet;
    case '>':
      return Kind::kPush;
    case '#':
      return Kind::kBoolean;
    case ',':
      return Kind::kDouble;
    case '(':
      return Kind::kBigNumber;
    case '=':
      return Kind::kVerbatim;
    default:
      return Kind::kNull;
  }
}

ReplyValue decode_scalar(const ReplyElement& element) {
  ReplyValue value;
  value.kind = kind_of(element);
  value.integer = element.integer;
  value.text = element.payload;
  if (value.kind == ReplyValue::Kind::kBoolean) {
    value.integer = element.payload == "t" ? 1 : 0;
    value.text.clear();
  } else if (value.kind == ReplyValue::Kind::kInteger) {
    value.text.clear();
  } else if (value.kind == ReplyValue::Kind::kDouble) {
    value.number = parse_reply_double(element.payload).value_or(0);
  } else if (value.kind == ReplyValue::Kind::kVerbatim) {
    value.format = element.payload.substr(0, 3);
    value.text = element.payload.substr(4);
  }
  return value;
}

// For bytes that are all there: nothing has been searched before.
ElementRead read_element_at(std::string_view reply, std::size_t at) {
  std::size_t searched = 0;
  return read_element(reply, at, searched);
}

// Decodes a reply that ReplyParser found to be whole, so reading its elements cannot fail, and the recursion
// is bounded by limits::kReplyDepthMax.
class Decoder {
 public:
  explicit Decoder(std::string_view reply) : reply_(reply) {}

  ReplyValue decode() {
    ReplyElement element = read();
    while (element.type == '|') {
      for (std::size_t i = 0; i < element.children; ++i) (void)decode();
      element = read();
    }
    ReplyValue value = decode_scalar(element);
    // Every element has three bytes at least, so what is reserved is in proportion to what was received.
    value.elements.reserve(element.children);
    for (std::size_t i = 0; i < element.children; ++i) value.elements.push_back(decode());
    return value;
  }

 private:
  ReplyElement read() {
    const ElementRead read = read_element_at(reply_, at_);
    INVARIANT(read.status == ElementStatus::kElement);
    at_ = read.element.end;
    return read.element;
  }

  std::string_view reply_;
  std::size_t at_ = 0;
};

Error not_a_reply(const ReplyParser& parser) {
  return Error{parser.error().empty() ? "not one whole reply" : "not a reply: " + parser.error()};
}

}  // namespace

Result<ReplyValue> decode_reply(std::string_view reply) {
  ReplyParser parser;
  if (parser.next(reply) != ReplyParser::Status::kReply || parser.consumed() != reply.size()) {
    return not_a_reply(parser);
  }
  return Decoder(reply).decode();
}

Result<std::vector<std::string_view>> split_aggregate(std::string_view reply) {
  ReplyParser parser;
  ElementRead head = read_element_at(reply, 0);
  std::size_t at = 0;
  // Attributes in front of the aggregate belong to it, not to its elements.
  while (head.status == ElementStatus::kElement && head.element.type == '|') {
    at = head.element.end;
    for (std::size_t i = 0; i < head.element.children; ++i) {
      if (parser.next(reply.substr(at)) != ReplyParser::Status::kReply) return not_a_reply(parser);
      at += parser.consumed();
    }
    head = read_element_at(reply, at);
  }
  const bool aggregate =
      head.element.type != 0 && std::string_view("*%~>").find(head.element.type) != std::string_view::npos;
  if (head.status != ElementStatus::kElement || !aggregate) return Error{"not an aggregate reply"};

  std::vector<std::string_view> elements;
  at = head.element.end;
  for (std::size_t i = 0; i < head.element.children; ++i) {
    if (parser.next(reply.substr(at)) != ReplyParser::Status::kReply) return not_a_reply(parser);
    elements.push_back(reply.substr(at, parser.consumed()));
    at += parser.consumed();
  }
  if (at != reply.size()) return not_a_reply(parser);
  return elements;
}

}  // namespace ringhold
