#include "common/net/fs_request.h"

#include <memory>

namespace ringhold {

void FsRequest::on_done(uv_fs_t* uv) {
  auto* request = static_cast<FsRequest*>(uv->data);
  const CallbackScope scope(request->loop);
  const std::unique_ptr<FsRequest> self(request);
  self->then(*uv);
}

void close_descriptor(Loop& loop, uv_file descriptor) {
  start_fs(
      loop,
      [descriptor](uv_loop_t* uv, uv_fs_t* request, uv_fs_cb done) {
        return uv_fs_close(uv, request, descriptor, done);
      },
      [](const uv_fs_t&) {});
}

}  // namespace ringhold
