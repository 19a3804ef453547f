// ReplyTranslator: from the RESP2 reply of a command to an HTTP response, piece by piece, so that a value of
// any size passes through without being held.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/byte_buffer.h"
#include "common/base/ids.h"
#include "common/http/plan.h"
#include "common/resp/reply_element.h"

namespace ringhold {

// What a response depends on beside its content.
struct ResponseContext {
  int minor_version = 1;
  bool is_head = false;  // of a HEAD request: everything but the body
  bool close = false;    // the connection ends behind it
  UnixMs wall_ms = 0;
};

// Writes a whole response.
void write_answer(ByteBuffer& out, const HttpAnswer& answer, const ResponseContext& context);

class ReplyTranslator {
 public:
  enum class Progress {
    kNeedMore,  // of the reply
    kFull,      // `out_bytes_max` is written; call again
    kDone,      // reply and response are complete
  };

  // The response to come.
  void begin(ReplyForm form, const ResponseContext& context);
  // Takes from `reply`, appends about `out_bytes_max` to `out` at most. Precondition: begin(), not kDone yet.
  Progress step(ByteBuffer& reply, ByteBuffer& out, std::size_t out_bytes_max);
  // The response's end can only be told by closing the connection (HTTP/1.0, length unknown).
  bool must_close() const { return must_close_; }

 private:
  enum class Stage { kHead, kBytes, kItems, kLongItem };
  Progress read_head(ByteBuffer& reply, ByteBuffer& out);
  Progress read_value_head(ByteBuffer& reply, ByteBuffer& out, const ReplyElement& array);
  Progress start_bytes(ByteBuffer& reply, ByteBuffer& out, std::size_t at);
  Progress start_items(ByteBuffer& reply, ByteBuffer& out, std::size_t at);
  Progress copy_bytes(ByteBuffer& reply, ByteBuffer& out, std::size_t out_bytes_max);
  Progress write_items(ByteBuffer& reply, ByteBuffer& out, std::size_t out_bytes_max);
  bool begin_long_item(std::string_view rest, std::string& piece, std::size_t& consumed);
  bool write_long_item(std::string_view rest, std::string& piece, std::size_t& consumed,
                       std::size_t out_bytes_max);
  bool is_name() const;
  void append_separator(std::string& piece) const;
  void pass_item();
  Progress finish(ByteBuffer& reply, std::size_t consumed, ByteBuffer& out, const HttpAnswer& answer);
  Progress give_up(ByteBuffer& reply, ByteBuffer& out);
  Progress break_off(ByteBuffer& reply);
  void write_value_head(ByteBuffer& out, const std::optional<std::uint64_t>& length);
  void write_piece(ByteBuffer& out, std::string_view piece, bool last);

  ReplyForm form_ = ReplyForm::kRead;
  ResponseContext context_;
  Stage stage_ = Stage::kHead;
  bool must_close_ = false;
  // Of the value whose head has been read:
  std::string type_;
  std::string tag_;
  std::int64_t ttl_ms_ = -1;
  std::size_t bytes_left_ = 0;
  std::size_t items_left_ = 0;
  std::size_t items_done_ = 0;
  std::size_t searched_ = 0;  // see read_element
};

}  // namespace ringhold
