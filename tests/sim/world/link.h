// Link: one connection, from the request to the end: what its two kernels and the network between them do.
//
// Bytes go: Stream::output() → pending (bounded by nobody: unsent()) → packets, each with a delay, in order,
// as many as the window has room for → received (the other kernel) → Stream::input(). What the reader does
// not take keeps the window shut, so back-pressure is real.
//
// Life of an end: kNone (not accepted yet) or kConnecting → kOpen → kClosing (close(): output still goes out)
// → kClosed (on_closed is due) → kDone (it was called) → kGone (the stream is destroyed; from anywhere). The
// Link is shared by its streams and by the packets under way.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/reactor/stream.h"
#include "tests/sim/world/fabric.h"
#include "tests/sim/world/random.h"
#include "tests/sim/world/trace.h"

namespace ringhold::sim {

class SimLoop;
class SimProcess;
class SimStream;
class SimWorld;

class Link : public std::enable_shared_from_this<Link> {
 public:
  Link(SimWorld& world, std::uint64_t number, SimRng rng, SimLoop& from, const Address& to,
       Protocol protocol);

  // The connecting end; the handshake begins.
  std::unique_ptr<Stream> start(StreamHandler& handler);

  // Calls of the two streams; side 0 connected, side 1 accepted.
  void set_handler(int side, StreamHandler* handler) { end(side).handler = handler; }
  std::size_t pending(int side) const { return ends_[static_cast<std::size_t>(side)].pending.size(); }
  void send_output(int side);
  void pause_reading(int side) { end(side).paused = true; }
  void resume_reading(int side);
  void close(int side);
  void abort(int side);
  void destroyed(int side);

  // Calls of the fabric.
  SimRng& rng() { return rng_; }
  bool between(const SimProcess& a, const SimProcess& b) const;
  bool cut();  // both ends are reset; false if it was over
  void release_parked();
  void reset_if_half_dead();
  bool half_open() const;
  bool over() const;
  std::string describe() const;

 private:
  enum class State { kNone, kConnecting, kOpen, kClosing, kClosed, kDone, kGone };
  enum class PacketKind { kSyn, kConnected, kRefused, kHello, kData, kWindow, kFin, kReset };
  struct Packet {
    PacketKind kind;
    std::string bytes;  // of kData; the reason of kRefused
  };
  using PacketPtr = std::shared_ptr<const Packet>;
  struct End {
    State state = State::kNone;
    SimProcess* process = nullptr;
    SimLoop* loop = nullptr;
    SimStream* stream = nullptr;
    StreamHandler* handler = nullptr;
    ByteBuffer pending;       // was flushed, did not fit into the window yet
    bool above_high = false;  // owes on_drained
    bool fin_sent = false;
    bool in_callback = false;
    // What comes towards this end.
    std::size_t in_flight = 0;
    MonoTime last_arrival{};
    std::deque<PacketPtr> parked;  // held up by a stall
    ByteBuffer received;           // in this side's kernel
    bool paused = false;
    bool read_queued = false;
    bool fin_received = false;
    bool told = false;  // a FIN or reset was sent to it: it will learn that the other end has gone
  };

  End& end(int side) { return ends_[static_cast<std::size_t>(side)]; }
  const Weather& weather(int to_side);
  static bool is_live(const End& end);
  static EventKind event_kind(PacketKind kind);

  // The network.
  void send(int to_side, PacketKind kind, std::string bytes, bool overtakes = false);
  void arrive(int to_side, const PacketPtr& packet);
  void deliver(int to_side, const PacketPtr& packet);
  void receive(int to_side, const Packet& packet);
  void reset_peer_of(int side);

  // The handshake.
  void reach_listener();
  void accept();
  void connected();
  PeerInfo peer_info_of_listener() const;
  PeerInfo peer_info_of_connector() const;

  // One end.
  void fill_window(int side);
  void send_segments(int side, std::size_t bytes);
  std::size_t segment_size(std::size_t left, std::size_t already);
  void receive_data(int side, std::string_view bytes);
  void read(int side);
  void queue_read(int side);
  void close_later(int side, std::string why);
  void finish(int side, const std::string& why);
  void leave_listener();
  void call(int side, const std::function<void(StreamHandler&)>& callback);

  SimWorld& world_;
  std::uint64_t number_;
  SimRng rng_;
  Address to_;
  Protocol protocol_;
  std::array<End, 2> ends_;
  std::shared_ptr<ListenerState> listener_;
  bool counted_ = false;  // in the listener's number of connections
};

}  // namespace ringhold::sim
