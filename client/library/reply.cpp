#include "ringhold/reply.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "client/library/reply_conversion.h"
#include "common/base/text.h"

namespace ringhold {

Reply::Reply() = default;
Reply::Reply(Parts parts) : parts_(std::move(parts)) {}
Reply::Reply(const Reply&) = default;
Reply::Reply(Reply&&) noexcept = default;
Reply& Reply::operator=(const Reply&) = default;
Reply& Reply::operator=(Reply&&) noexcept = default;
Reply::~Reply() = default;

namespace detail {

namespace {

std::string_view describe(Reply::Kind kind) {
  switch (kind) {
    case Reply::Kind::kNull:
      return "null";
    case Reply::Kind::kString:
      return "a string";
    case Reply::Kind::kStatus:
      return "a status";
    case Reply::Kind::kInteger:
      return "an integer";
    case Reply::Kind::kDouble:
      return "a double";
    case Reply::Kind::kBoolean:
      return "a boolean";
    case Reply::Kind::kBigNumber:
      return "a big number";
    case Reply::Kind::kArray:
      return "an array";
    case Reply::Kind::kMap:
      return "a map";
    case Reply::Kind::kSet:
      return "a set";
    case Reply::Kind::kError:
      return "an error";
  }
  return "unknown";
}

// key, value, key, value of an array of such pairs.
Expected<std::vector<Reply>> flatten(std::vector<Reply> pairs) {
  std::vector<Reply> flat;
  flat.reserve(pairs.size() * 2);
  for (Reply& pair : pairs) {
    if (pair.kind() != Reply::Kind::kArray || pair.elements().size() != 2) {
      return wrong_type(pair, "an array of two");
    }
    auto parts = std::move(pair).take();
    std::move(parts.elements.begin(), parts.elements.end(), std::back_inserter(flat));
  }
  return flat;
}

}  // namespace

void misused(const char* what, const std::string& message) {
  std::fprintf(stderr, "fatal: ringhold::Expected: %s%s%s; ask ok() before\n", what,
               message.empty() ? "" : ": ", message.c_str());
  std::abort();
}

Failure wrong_type(const Reply& reply, std::string_view wanted) {
  if (reply.kind() == Reply::Kind::kError) return client::failure_of_error(reply.text());
  std::string message = "expected " + std::string(wanted) + "; the reply is ";
  message += describe(reply.kind());
  if (!reply.text().empty()) message += " '" + printable(reply.text()) + "'";
  if (reply.kind() == Reply::Kind::kInteger) message += " " + std::to_string(reply.integer());
  if (!reply.elements().empty()) message += " of " + std::to_string(reply.elements().size());
  return {.kind = Failure::Kind::kWrongType, .message = std::move(message), .code = {}};
}

Expected<std::string> read_text(Reply&& reply) {
  switch (reply.kind()) {
    case Reply::Kind::kString:
    case Reply::Kind::kStatus:
    case Reply::Kind::kDouble:
    case Reply::Kind::kBigNumber:
      return std::move(reply).take().text;
    case Reply::Kind::kInteger:
      return std::to_string(reply.integer());
    default:
      return wrong_type(reply, "a string");
  }
}

Expected<std::int64_t> read_integer(const Reply& reply) {
  if (reply.kind() == Reply::Kind::kInteger) return reply.integer();
  if (reply.kind() == Reply::Kind::kString) {
    if (const auto value = parse_int64(reply.text())) return *value;
  }
  return wrong_type(reply, "an integer");
}

Expected<double> read_number(const Reply& reply) {
  if (reply.kind() == Reply::Kind::kDouble) return reply.number();
  if (reply.kind() == Reply::Kind::kInteger) return static_cast<double>(reply.integer());
  if (reply.kind() == Reply::Kind::kString) {
    const std::string& text = reply.text();
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem == std::errc() && end == text.data() + text.size()) return value;
  }
  return wrong_type(reply, "a number");
}

Expected<bool> read_boolean(const Reply& reply) {
  const bool holds_one = reply.kind() == Reply::Kind::kBoolean || reply.kind() == Reply::Kind::kInteger;
  if (!holds_one || reply.integer() < 0 || reply.integer() > 1) return wrong_type(reply, "a boolean");
  return reply.integer() == 1;
}

Expected<std::vector<Reply>> read_elements(Reply&& reply) {
  if (reply.kind() != Reply::Kind::kArray && reply.kind() != Reply::Kind::kSet) {
    return wrong_type(reply, "an array or a set");
  }
  return std::move(reply).take().elements;
}

Expected<std::vector<Reply>> read_pairs(Reply&& reply) {
  const auto& elements = reply.elements();
  if (reply.kind() == Reply::Kind::kMap) return std::move(reply).take().elements;
  if (reply.kind() != Reply::Kind::kArray) return wrong_type(reply, "a map, or an array of pairs");
  const bool nested = !elements.empty() && elements.front().kind() == Reply::Kind::kArray;
  if (nested) return flatten(std::move(reply).take().elements);
  if (elements.size() % 2 != 0) return wrong_type(reply, "a map, or an array of pairs");
  return std::move(reply).take().elements;
}

}  // namespace detail

}  // namespace ringhold
