// Frames of the peer protocol: u32 length of what follows (little-endian), u8 version, u8 type, body.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/byte_buffer.h"
#include "common/base/limits.h"

namespace ringhold {

inline constexpr std::uint8_t kFrameVersion = 1;
inline constexpr std::size_t kFrameHeaderBytes = 6;

struct Frame {
  std::uint8_t type = 0;
  std::string_view body;  // a view into the parsed input
};

// Cuts frames out of a byte stream. Stateless: a header costs nothing to read again.
class FrameParser {
 public:
  enum class Status { kNeedMore, kFrame, kError };

  explicit FrameParser(std::size_t frame_bytes_max = limits::kFrameBytesMax)
      : frame_bytes_max_(frame_bytes_max) {}

  // `input` starts at a frame's first byte. After kFrame, frame() and consumed() are valid until the input
  // changes. kError is final: too long, too short, or of another version; error() says which.
  Status next(std::string_view input);

  const Frame& frame() const { return frame_; }
  std::size_t consumed() const { return consumed_; }
  const std::string& error() const { return error_; }

 private:
  std::size_t frame_bytes_max_;
  Frame frame_;
  std::size_t consumed_ = 0;
  std::string error_;
};

// Writes one frame: the header first, with its length filled in when the writer is destroyed.
class FrameWriter {
 public:
  FrameWriter(ByteBuffer& out, std::uint8_t type);
  ~FrameWriter();
  FrameWriter(const FrameWriter&) = delete;
  FrameWriter& operator=(const FrameWriter&) = delete;

 private:
  ByteBuffer& out_;
  std::size_t start_;  // offset of the header within the buffer's content
};

}  // namespace ringhold
