// StreamCore: the half of a stream that talks to libuv and OpenSSL. UvStream is the half that its user owns.
//
//   kConnecting ─▶ kHandshaking ─▶ kOpen ─▶ kClosing ─▶ kLingering ─▶ kClosed
//
// kClosing: the rest of the output is on its way, then a TLS goodbye and a FIN. kLingering: waits for the
// peer's end, discarding what it sends, because closing with bytes unread resets the connection and may
// destroy what the peer has not read yet. Every way through failures ends in finish(), which tells the user,
// deferred, once.
//
// Reading: one read of the socket → one feed of the TLS session → one on_input.
// Writing: nothing until the end of the turn; then the output is encrypted, in slices, into the hub's scratch
// buffer and offered to the kernel. What the kernel does not take becomes a WriteRequest, and no more is
// encrypted until it is done; so a stream holds at most a slice of ciphertext.
//
// Owned by its UvStream, or by the listener until its handshake is complete. No libuv handle is part of it:
// they are on the heap and free themselves, so it may go at any time that none of its functions is on the
// stack (Loop::bury sees to that).
#pragma once

#include <uv.h>

#include <memory>
#include <string>

#include "common/net/stream_hub.h"
#include "common/net/tcp_connect.h"
#include "common/net/ticket_cache.h"
#include "common/net/tls_session.h"
#include "common/reactor/stream.h"

namespace ringhold {

class UvStream;

// Whoever owns an accepted core until its handshake is complete.
class HandshakeObserver {
 public:
  virtual ~HandshakeObserver() = default;
  virtual void on_established(StreamCore& core) = 0;
  // The handshake failed; the core lives on for a moment so that the peer learns why.
  virtual void on_refused(StreamCore& core, const Error& why) = 0;
  // It was never established, and is to be dropped now.
  virtual void on_gone(StreamCore& core) = 0;
};

class StreamCore : public std::enable_shared_from_this<StreamCore> {
 public:
  struct Accepted {
    uv_tcp_t* socket;  // becomes the core's
    Address peer;
    std::shared_ptr<void> admission;  // whatever counts the connection; dropped when it closes
    HandshakeObserver* observer;
  };
  struct Outgoing {
    Address address;
    Protocol protocol;
    StreamHandler* handler;
    std::shared_ptr<TicketCache> tickets;  // shared: streams outlive a change of certificates
  };

  static std::shared_ptr<StreamCore> accept(StreamHub& hub, TlsContextPtr context, Accepted accepted);
  static std::shared_ptr<StreamCore> connect(StreamHub& hub, TlsContextPtr context, Outgoing outgoing);
  ~StreamCore();
  StreamCore(const StreamCore&) = delete;
  StreamCore& operator=(const StreamCore&) = delete;

  // For UvStream (see Stream for what they mean).
  void attach(UvStream* stream) { stream_ = stream; }
  void set_handler(StreamHandler* handler) { handler_ = handler; }
  const PeerInfo& peer() const { return peer_; }
  // Once established: by a ticket of an earlier connection.
  bool resumed() const { return session_->resumed(); }
  void schedule_flush();
  std::size_t unsent() const;
  void pause_reading();
  void resume_reading();
  void close();
  void abort(Error why);
  // Its owner goes: closes at once and calls nobody.
  void orphan();

  // For StreamHub.
  void flush_now();
  void resume_turn();
  std::size_t buffered() const { return buffered_; }
  void evict();

 private:
  enum class State { kConnecting, kHandshaking, kOpen, kClosing, kLingering, kClosed };
  struct WriteRequest;

  StreamCore(StreamHub& hub, TlsContextPtr context);

  // Connecting and handshaking: stream_handshake.cpp.
  void start_timer(std::chrono::milliseconds delay);
  void on_timer();
  void adopt(uv_tcp_t* socket);
  void on_connect(Result<uv_tcp_t*> connected);
  void start_client_handshake();
  void advance_handshake();
  void established();
  std::string reason_to_refuse() const;
  void refuse(Error why);
  void give_up_session(Error why);

  // Bytes: stream_io.cpp.
  static void on_read(uv_stream_t* socket, ssize_t got, const uv_buf_t* buffer);
  void update_reading();
  void note_read(std::size_t bytes);
  void receive(std::string_view ciphertext);
  void read_plaintext();
  void keep_ticket();
  void end_of_input(int code);
  void pump();
  void send_scratch();
  void start_write(ByteBuffer& rest);
  void on_written(int status);
  void write_failed(int code);
  void count_buffers();

  // The end: stream_core.cpp.
  void end(Error why);
  void closing_step();
  void finish(Error why);
  void dispose();

  StreamHub& hub_;
  TlsContextPtr context_;  // until the TLS session exists
  State state_ = State::kConnecting;
  PeerInfo peer_;
  UvStream* stream_ = nullptr;
  StreamHandler* handler_ = nullptr;
  HandshakeObserver* observer_ = nullptr;
  std::shared_ptr<void> admission_;
  std::shared_ptr<TicketCache> tickets_;  // null in accepted streams

  uv_tcp_t* socket_ = nullptr;
  TcpConnect* attempt_ = nullptr;
  std::unique_ptr<TlsSession> session_;  // made with the first bytes: who says nothing costs little
  std::unique_ptr<Timer> timer_;         // for the handshake, later for closing
  WriteRequest* write_ = nullptr;  // what the kernel has not taken yet; owned by libuv until its callback
  ByteBuffer queued_;              // ciphertext that has to wait for write_

  Error why_;  // from kClosing on, or once writing has failed
  std::size_t buffered_ = 0;
  std::uint64_t turn_ = 0;
  std::size_t turn_bytes_ = 0;  // read in that turn
  bool paused_ = false;         // by the user
  bool resting_ = false;        // until the end of the turn: it has had its share
  bool reading_ = false;        // what libuv has been told
  bool dirty_ = false;
  bool was_high_ = false;
  bool end_pending_ = false;  // the peer's end came while paused
  bool peer_ended_ = false;   // its FIN or reset has arrived
  bool intact_ = false;       // the TLS session is established and can carry output
  bool goodbye_due_ = false;
  bool write_broken_ = false;
};

}  // namespace ringhold
