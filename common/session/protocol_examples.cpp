#include "common/session/protocol_examples.h"

#include <algorithm>
#include <iterator>

#include "common/base/text.h"

namespace ringhold {
namespace {

void three_integers(ReplyWriter& reply) {
  for (int i = 0; i < 3; ++i) reply.integer(i);
}

void map(ReplyWriter& reply) {
  reply.map(3);
  for (int i = 0; i < 3; ++i) {
    reply.integer(i);
    reply.boolean(i == 1);
  }
}

// Neither attributes nor pushes are replies, so one follows.
void attribute(ReplyWriter& reply) {
  if (reply.version() == RespVersion::k3) {
    reply.raw("|1\r\n");
    reply.bulk("key-popularity");
    reply.array(2);
    reply.bulk("key:123");
    reply.integer(90);
  }
  reply.bulk("Some real reply following the attribute");
}

void push(ReplyWriter& reply) {
  if (reply.version() == RespVersion::k2) {
    reply.error("ERR RESP2 is not supported by this command");
    return;
  }
  reply.push(2);
  reply.bulk("server-cpu-usage");
  reply.integer(42);
  reply.bulk("Some real reply following the push reply");
}

struct Example {
  std::string_view type;
  void (*write)(ReplyWriter&);
};

constexpr Example kExamples[] = {
    {"string", [](ReplyWriter& reply) { reply.bulk("Hello World"); }},
    {"integer", [](ReplyWriter& reply) { reply.integer(12345); }},
    {"double", [](ReplyWriter& reply) { reply.number(3.141); }},
    {"bignum", [](ReplyWriter& reply) { reply.big_number("1234567999999999999999999999999999999"); }},
    {"null", [](ReplyWriter& reply) { reply.null(); }},
    {"array",
     [](ReplyWriter& reply) {
       reply.array(3);
       three_integers(reply);
     }},
    {"set",
     [](ReplyWriter& reply) {
       reply.set(3);
       three_integers(reply);
     }},
    {"map", map},
    {"attrib", attribute},
    {"push", push},
    {"verbatim", [](ReplyWriter& reply) { reply.verbatim("This is a verbatim\nstring"); }},
    {"true", [](ReplyWriter& reply) { reply.boolean(true); }},
    {"false", [](ReplyWriter& reply) { reply.boolean(false); }},
};

}  // namespace

bool write_protocol_example(ReplyWriter& reply, std::string_view type) {
  const auto* found =
      std::find_if(std::begin(kExamples), std::end(kExamples),
                   [type](const Example& example) { return equals_ignore_case(type, example.type); });
  if (found == std::end(kExamples)) return false;
  found->write(reply);
  return true;
}

}  // namespace ringhold
