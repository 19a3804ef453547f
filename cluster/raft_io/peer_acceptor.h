// PeerAcceptor: who has connected by ringhold-peer/1? A process that sends commands and one that is a replica
// come in through the same port; the first frame tells which (Hello or RaftHello).
//
// Streams stay here until the head of that frame has come, for at most limits::kHandshakeTimeout. Then they
// are handed on with nothing consumed: the new owner sets its handler and looks at input() before it returns.
// It must not destroy the stream in the same call (Scheduler::defer), which comes from the stream's own
// callback.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "common/reactor/world.h"

namespace ringhold {

class PeerAcceptor {
 public:
  using Taker = std::function<void(std::unique_ptr<Stream>)>;

  // `raft` gets those that say RaftHello, `other` all others, nonsense included: it is for them to refuse it.
  PeerAcceptor(World world, Taker raft, Taker other);
  ~PeerAcceptor();
  PeerAcceptor(const PeerAcceptor&) = delete;
  PeerAcceptor& operator=(const PeerAcceptor&) = delete;

  // Just accepted. Beyond limits::kPeerUndecidedMax it is dropped.
  void take(std::unique_ptr<Stream> stream);
  std::size_t undecided() const { return undecided_.size(); }

 private:
  class Undecided;

  void hand_on(std::uint64_t number, std::unique_ptr<Stream> stream, bool is_raft);
  void drop(std::uint64_t number);
  void bury(std::uint64_t number);

  World world_;
  Taker raft_;
  Taker other_;
  std::map<std::uint64_t, std::shared_ptr<Undecided>> undecided_;
  std::uint64_t next_ = 1;
  bool full_ = false;  // that was logged
};

}  // namespace ringhold
