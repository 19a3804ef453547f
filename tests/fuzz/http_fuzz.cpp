// HTTP requests: the bytes fed whole and fed in pieces must give the same requests, bodies and commands, and
// whatever a reply looks like, the translator must come to an end.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/check.h"
#include "common/http/plan.h"
#include "common/http/reply_translator.h"
#include "common/http/request_parser.h"

namespace ringhold {
namespace {

// One line for each event; the commands that requests become are among them.
std::string read(std::string_view bytes, std::size_t piece_bytes_max, std::uint32_t seed) {
  using Status = HttpRequestParser::Status;
  HttpRequestParser parser;
  std::string story;
  std::string body;
  std::size_t begin = 0;
  std::size_t end = 0;
  while (true) {
    const std::size_t size = end - begin;
    const std::unique_ptr<char[]> moved(new char[size]);
    bytes.copy(moved.get(), size, begin);
    const auto step = parser.next({moved.get(), size}, [&body](std::string_view piece) { body += piece; });
    INVARIANT(step.consumed <= size);
    begin += step.consumed;
    if (step.status == Status::kError) return story + "error " + std::to_string(parser.error_status());
    if (step.status == Status::kHead) {
      const HttpPlan plan = plan_request(parser.request(), "<html>");
      INVARIANT(plan.is_command || plan.answer.status >= 200);
      for (const std::string& word : plan.before) story += word + " ";
      for (const std::string& word : plan.after) story += word + " ";
      story += std::to_string(plan.answer.status) + "\n";
    } else if (step.status == Status::kFinished) {
      story += "[" + body + "]\n";
      body.clear();
    } else {
      if (end == bytes.size()) return story;
      seed = seed * 1664525U + 1013904223U;
      end = std::min(bytes.size(), end + 1 + (seed >> 8U) % piece_bytes_max);
    }
  }
}

// A reply as a shard might send it, in pieces; the response must not depend on them.
std::string translate(ReplyForm form, std::string_view reply, std::size_t piece_bytes_max) {
  ReplyTranslator translator;
  translator.begin(form, {});
  ByteBuffer in;
  ByteBuffer out;
  for (std::size_t at = 0; at < reply.size();) {
    const std::size_t size = std::min(piece_bytes_max, reply.size() - at);
    in.append(reply.substr(at, size));
    at += size;
    auto progress = ReplyTranslator::Progress::kFull;
    for (std::size_t steps = 0; progress == ReplyTranslator::Progress::kFull; ++steps) {
      INVARIANT(steps <= reply.size());
      progress = translator.step(in, out, 64);
    }
    if (progress == ReplyTranslator::Progress::kDone) break;
  }
  const std::string_view head = out.view();
  return std::string(head.substr(0, head.find('\r')));
}

}  // namespace
}  // namespace ringhold

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4 || size > 4096) return 0;
  const std::uint32_t seed = data[0] * 251U + data[1];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::string whole = ringhold::read(bytes, bytes.size() * 2, 0);
  INVARIANT(whole == ringhold::read(bytes, 1, 0));
  INVARIANT(whole == ringhold::read(bytes, 16, seed));
  const auto form = static_cast<ringhold::ReplyForm>(seed % 7);
  INVARIANT(ringhold::translate(form, bytes, bytes.size()) == ringhold::translate(form, bytes, 7));
  return 0;
}
