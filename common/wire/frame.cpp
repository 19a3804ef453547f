#include "common/wire/frame.h"

#include <fmt/core.h>

#include "common/base/check.h"
#include "common/wire/codec.h"

namespace ringhold {

namespace {
// What the length field counts besides the body: version and type.
constexpr std::size_t kCountedHeaderBytes = 2;
}  // namespace

FrameParser::Status FrameParser::next(std::string_view input) {
  if (input.size() < kFrameHeaderBytes) return Status::kNeedMore;
  WireReader header(input.substr(0, kFrameHeaderBytes));
  const std::uint32_t length = header.u32();
  const std::uint8_t version = header.u8();
  const std::uint8_t type = header.u8();
  if (version != kFrameVersion) {
    error_ = fmt::format("a frame has version {}, but this is version {}; run the same release on every host",
                         version, kFrameVersion);
    return Status::kError;
  }
  if (length < kCountedHeaderBytes || length > frame_bytes_max_) {
    error_ = fmt::format("a frame says that it is {} bytes long; {} to {} are allowed", length,
                         kCountedHeaderBytes, frame_bytes_max_);
    return Status::kError;
  }
  const std::size_t total = kFrameHeaderBytes - kCountedHeaderBytes + length;
  if (input.size() < total) return Status::kNeedMore;
  frame_ = {type, input.substr(kFrameHeaderBytes, total - kFrameHeaderBytes)};
  consumed_ = total;
  return Status::kFrame;
}

FrameWriter::FrameWriter(ByteBuffer& out, std::uint8_t type) : out_(out), start_(out.size()) {
  WireWriter writer(out);
  writer.u32(0);
  writer.u8(kFrameVersion);
  writer.u8(type);
}

FrameWriter::~FrameWriter() {
  const std::size_t length = out_.size() - start_ - (kFrameHeaderBytes - kCountedHeaderBytes);
  INVARIANT(length <= limits::kFrameBytesMax);
  char* at = out_.data_at(start_);
  for (unsigned i = 0; i < 4; ++i) at[i] = static_cast<char>((length >> (8 * i)) & 0xFFU);
}

}  // namespace ringhold
