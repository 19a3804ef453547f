// What a response begins with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/byte_buffer.h"
#include "common/base/ids.h"

namespace ringhold {

// Where "reason phrase" of a status stands in RFC 9110; "" for others than ours.
std::string_view http_reason(int status);

// RFC 9112, 6.3: responses that have no body, and say nothing about one.
bool is_bodiless(int status);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
std::string http_date(UnixMs wall_ms);

struct ResponseHead {
  int status = 200;
  UnixMs wall_ms = 0;
  int minor_version = 1;  // of the request; 1.0 knows no chunks
  bool close = false;
  std::string_view content_type;  // empty: none
  // Unset: the length is not known; then the body comes in chunks, or, to HTTP/1.0, until the end.
  std::optional<std::uint64_t> content_length = 0;
  std::string more;  // further lines, each with its CRLF
};
void append_head(ByteBuffer& out, const ResponseHead& head);

}  // namespace ringhold
