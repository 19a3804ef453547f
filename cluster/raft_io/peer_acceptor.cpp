#include "cluster/raft_io/peer_acceptor.h"

#include <utility>

#include "cluster/peer/messages.h"
#include "cluster/raft_io/drop_stream.h"
#include "common/base/limits.h"
#include "common/base/log.h"
#include "common/wire/frame.h"

namespace ringhold {

class PeerAcceptor::Undecided final : public StreamHandler {
 public:
  Undecided(PeerAcceptor& owner, std::uint64_t number, std::unique_ptr<Stream> stream)
      : owner_(&owner),
        number_(number),
        stream_(std::move(stream)),
        timer_(owner.world_.scheduler.make_timer([this] { owner_->drop(number_); })) {
    stream_->set_handler(this);
    timer_->start(limits::kHandshakeTimeout);
  }

  void on_input() override {
    const std::string_view head = stream_->input().view();
    if (owner_ == nullptr || head.size() < kFrameHeaderBytes) return;
    timer_->stop();
    const auto type = static_cast<PeerMessage>(head[kFrameHeaderBytes - 1]);
    std::exchange(owner_, nullptr)->hand_on(number_, std::move(stream_), type == PeerMessage::kRaftHello);
  }
  void on_closed(const Error& /*why*/) override {
    if (owner_ != nullptr) std::exchange(owner_, nullptr)->drop(number_);
  }

 private:
  PeerAcceptor* owner_;
  std::uint64_t number_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<Timer> timer_;
};

PeerAcceptor::PeerAcceptor(World world, Taker raft, Taker other)
    : world_(world), raft_(std::move(raft)), other_(std::move(other)) {}

PeerAcceptor::~PeerAcceptor() = default;

void PeerAcceptor::take(std::unique_ptr<Stream> stream) {
  if (undecided_.size() >= limits::kPeerUndecidedMax) {
    if (!std::exchange(full_, true))
      log::warn("peer connections are dropped: {} have not said what they want", undecided_.size());
    drop_stream(world_.scheduler, std::move(stream));
    return;
  }
  full_ = false;
  const std::uint64_t number = next_++;
  const auto made = std::make_shared<Undecided>(*this, number, std::move(stream));
  undecided_.emplace(number, made);
  made->on_input();
}

void PeerAcceptor::hand_on(std::uint64_t number, std::unique_ptr<Stream> stream, bool is_raft) {
  bury(number);
  (is_raft ? raft_ : other_)(std::move(stream));
}

void PeerAcceptor::drop(std::uint64_t number) {
  bury(number);
}

// It may be on the stack.
void PeerAcceptor::bury(std::uint64_t number) {
  const auto it = undecided_.find(number);
  if (it == undecided_.end()) return;
  world_.scheduler.defer([dead = std::move(it->second)]() mutable { dead.reset(); });
  undecided_.erase(it);
}

}  // namespace ringhold
