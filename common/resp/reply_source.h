// ReplySource: a reply that is too large to be written in one go, and is written as its client takes it.
#pragma once

#include <cstddef>

#include "common/resp/reply_writer.h"

namespace ringhold {

class ReplySource {
 public:
  virtual ~ReplySource() = default;
  // Writes about `bytes_max` bytes more, at least one element; false once the reply is complete. The writer
  // is of the same RESP version each time.
  virtual bool write_some(ReplyWriter& reply, std::size_t bytes_max) = 0;
  // Bytes of memory that are kept for this reply alone.
  virtual std::size_t held() const = 0;
};

}  // namespace ringhold
