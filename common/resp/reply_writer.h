// Writes RESP2 or RESP3 replies into a buffer. One per reply run; holds no state but the protocol version.
//
// This is the hottest output path there is: digits are written straight into the buffer, nothing is formatted
// elsewhere and copied.
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

  void simple(std::string_view text);  // +text; text must hold no CR or LF
  void ok() { out_->append("+OK\r\n"); }
  // -ERR …; `text` includes its prefix word. CR and LF inside become spaces, so that bytes of a client can be
  // quoted.
  void error(std::string_view text);
  void integer(std::int64_t value);
  void bulk(std::string_view bytes);
  // The same in pieces: the head with the length of all of it, the bytes by raw(), the end.
  void bulk_head(std::size_t size) { header('$', size); }
  void bulk_end() { out_->append("\r\n"); }
  void null() { out_->append(is_resp3() ? "_\r\n" : "$-1\r\n"); }
  void null_array() { out_->append(is_resp3() ? "_\r\n" : "*-1\r\n"); }
  // Headers: the elements follow by further calls.
  void array(std::size_t count) { header('*', count); }
  void map(std::size_t pairs) { is_resp3() ? header('%', pairs) : header('*', pairs * 2); }
  void set(std::size_t count) { header(is_resp3() ? '~' : '*', count); }
  void push(std::size_t count) { header(is_resp3() ? '>' : '*', count); }
  // RESP2: the integer 1 or 0.
  void boolean(bool value) {
    if (is_resp3()) {
      out_->append(value ? "#t\r\n" : "#f\r\n");
    } else {
      out_->append(value ? ":1\r\n" : ":0\r\n");
    }
  }
  // As Redis 7.0: "%.17g", "inf", "-inf", "nan"; RESP2: a bulk string.
  void number(double value);
  void number_text(double value);            // the same text, as a bulk string in every version
  void big_number(std::string_view digits);  // RESP2: a bulk string
  // `format` has three characters. RESP2: a bulk string of the text alone.
  void verbatim(std::string_view text, std::string_view format = "txt");
  // Bytes that are a complete reply already (of the same version).
  void raw(std::string_view reply) { out_->append(reply); }

 private:
  bool is_resp3() const { return version_ == RespVersion::k3; }
  void header(char type, std::size_t count);

  ByteBuffer* out_;
  RespVersion version_;
};

}  // namespace ringhold
