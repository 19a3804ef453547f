#include "common/wire/frame.h"

#include <doctest/doctest.h>

#include <string>

#include "common/wire/codec.h"

namespace ringhold {
namespace {

TEST_CASE("frame: what is written is cut out again, byte by byte") {
  ByteBuffer out;
  {
    const FrameWriter frame(out, 7);
    out.append("body");
  }
  { const FrameWriter empty(out, 8); }
  const std::string bytes(out.view());

  FrameParser parser;
  const std::size_t first = kFrameHeaderBytes + 4;
  for (std::size_t n = 0; n < first; ++n) {
    CHECK(parser.next(bytes.substr(0, n)) == FrameParser::Status::kNeedMore);
  }
  REQUIRE(parser.next(bytes) == FrameParser::Status::kFrame);
  CHECK(parser.frame().type == 7);
  CHECK(parser.frame().body == "body");
  CHECK(parser.consumed() == first);
  REQUIRE(parser.next(std::string_view(bytes).substr(first)) == FrameParser::Status::kFrame);
  CHECK(parser.frame().type == 8);
  CHECK(parser.frame().body.empty());
}

TEST_CASE("frame: a length beyond the limit is refused before its bytes come") {
  ByteBuffer out;
  WireWriter writer(out);
  writer.u32(1001);
  writer.u8(kFrameVersion);
  writer.u8(1);
  FrameParser parser(1000);
  CHECK(parser.next(out.view()) == FrameParser::Status::kError);
  CHECK(parser.error().find("1001") != std::string::npos);
}

TEST_CASE("frame: a length that does not even count the header is refused") {
  FrameParser parser;
  CHECK(parser.next(std::string_view("\x01\0\0\0\x01\x01", 6)) == FrameParser::Status::kError);
}

TEST_CASE("frame: another version is refused, and named") {
  FrameParser parser;
  CHECK(parser.next(std::string_view("\x02\0\0\0\x63\x01", 6)) == FrameParser::Status::kError);
  CHECK(parser.error().find("99") != std::string::npos);
}

}  // namespace
}  // namespace ringhold
