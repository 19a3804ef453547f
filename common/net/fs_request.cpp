#include "common/net/fs_request.h"

#include <memory>

namespace ringhold {

namespace {

struct Job {
  Job(Loop& on, std::function<void()> what, std::function<void()> next)
      : loop(on), work(std::move(what)), then(std::move(next)) {
    uv.data = this;
  }

  uv_work_t uv{};
  Loop& loop;
  std::function<void()> work;
  std::function<void()> then;
};

}  // namespace

void FsRequest::on_done(uv_fs_t* uv) {
  auto* request = static_cast<FsRequest*>(uv->data);
  const CallbackScope scope(request->loop);
  const std::unique_ptr<FsRequest> self(request);
  self->then(*uv);
}

void start_job(Loop& loop, std::function<void()> work, std::function<void()> then) {
  auto* job = new Job(loop, std::move(work), std::move(then));
  const auto on_work = [](uv_work_t* uv) { static_cast<Job*>(uv->data)->work(); };
  const auto on_done = [](uv_work_t* uv, int /*never cancelled*/) {
    auto* done = static_cast<Job*>(uv->data);
    const CallbackScope scope(done->loop);
    const std::unique_ptr<Job> self(done);
    self->then();
  };
  INVARIANT(uv_queue_work(loop.uv(), &job->uv, on_work, on_done) == 0);  // there is a function to call
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
