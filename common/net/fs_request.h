// Work for the file system, carried out by a thread of libuv's pool: one request, or a job of several calls,
// because a hop from thread to thread and back costs more than many a call.
//
// The life of a request: start_fs gives it to the pool; when it is done, `then` is called on the loop, once,
// inside a CallbackScope, and the request goes. `then` owns what the request needs (the bytes to write). It
// is always called: a loop that ends waits for its requests.
#pragma once

#include <uv.h>

#include <functional>
#include <utility>

#include "common/base/check.h"
#include "common/net/loop.h"

namespace ringhold {

// `request.result`: negative is a failure, with the errno negated.
using FsThen = std::function<void(const uv_fs_t& request)>;

struct FsRequest {
  FsRequest(Loop& on, FsThen what) : loop(on), then(std::move(what)) { uv.data = this; }
  ~FsRequest() { uv_fs_req_cleanup(&uv); }
  FsRequest(const FsRequest&) = delete;
  FsRequest& operator=(const FsRequest&) = delete;

  static void on_done(uv_fs_t* uv);

  uv_fs_t uv{};
  Loop& loop;
  FsThen then;
};

// `start(uv_loop_t*, uv_fs_t*, uv_fs_cb)` is a call of one of the uv_fs_ functions.
template <typename Start>
void start_fs(Loop& loop, const Start& start, FsThen then) {
  auto* request = new FsRequest(loop, std::move(then));
  INVARIANT(start(loop.uv(), &request->uv, &FsRequest::on_done) == 0);  // fails for want of memory alone
}

// `work` runs on a thread of the pool: it may block, and touches nothing of the loop. `then` is called
// afterwards, as above. Both go together, on the loop.
void start_job(Loop& loop, std::function<void()> work, std::function<void()> then);

// Closes a descriptor. Nobody hears of the outcome: what was to be kept has been synced before.
void close_descriptor(Loop& loop, uv_file descriptor);

}  // namespace ringhold
