// What the kernel did not take at once. Belongs to libuv until its callback.
#pragma once

#include <uv.h>

#include "common/base/byte_buffer.h"
#include "common/net/stream_core.h"

namespace ringhold {

struct StreamCore::WriteRequest {
  uv_write_t uv{};
  ByteBuffer bytes;
  Loop* loop = nullptr;
  StreamCore* core = nullptr;  // null once the stream has gone
};

}  // namespace ringhold
