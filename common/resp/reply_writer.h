// Writes RESP2 or RESP3 replies into a buffer. One per reply run; holds no state but the protocol version.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/byte_buffer.h"

namespace ringhold {

enum class RespVersion : std::uint8_t { k2 = 2, k3 = 3 };

class ReplyWriter {
 public:
  ReplyWriter(ByteBuffer& out, RespVersion version) : out_(&out), version_(version) {}

  RespVersion version() const { return version_; }
  ByteBuffer& out() { return *out_; }

  void simple(std::string_view text);  // +OK; text must hold no CR or LF
  void ok() { simple("OK"); }
  // -ERR …; `text` includes its prefix word. CR and LF inside become spaces, so that bytes of a client can be quoted.
  void error(std::string_view text);
  void integer(std::int64_t value);
  void bulk(std::string_view bytes);
  void null();        // RESP2: $-1, RESP3: _
  void null_array();  // RESP2: *-1, RESP3: _
  // Headers: the elements follow by further calls.
  void array(std::size_t count);
  void map(std::size_t pairs);  // RESP2: an array of twice as many
  void set(std::size_t count);  // RESP2: an array
  void push(std::size_t count); // RESP2: an array
  void boolean(bool value);     // RESP2: 1 or 0
  void number(double value);    // RESP2: a bulk string; formatted as Redis 7 does (shortest of %.17g)
  void big_number(std::string_view digits);
  void verbatim(std::string_view text, std::string_view format = "txt");  // RESP2: a bulk string
  // Bytes that are a complete reply already (of the same version).
  void raw(std::string_view reply) { out_->append(reply); }

 private:
  ByteBuffer* out_;
  RespVersion version_;
};

}  // namespace ringhold
