// Stream: one established, authenticated connection, as everything above TLS sees it.
//
// The owner holds it by unique_ptr and lives on the stream's loop. Bytes are moved in batches: the stream
// fills input() and calls on_input once per loop turn and read; the owner parses from input() and consumes
// what it understood; it appends to output() and calls flush(), and the stream sends all of it in one TLS
// write at the end of the loop turn.
//
// Life: (connect) → on_connected → on_input* / on_drained* → on_closed, exactly once, and nothing after it.
// An accepted stream is connected when it is handed over. After the owner has destroyed the stream, no
// callback follows. A stream must not be destroyed inside one of its own callbacks: use Scheduler::defer.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "common/base/byte_buffer.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/reactor/address.h"

namespace ringhold {

// What ALPN settled on. None offered means kRedis.
enum class Protocol { kRedis, kHttp, kPeer };
const char* alpn_name(Protocol protocol);  // "redis", "http/1.1", "ringhold-peer/1"

// Who is at the other end, as far as its certificate says.
struct PeerInfo {
  Address address;
  Protocol protocol = Protocol::kRedis;
  bool protocol_chosen = false;  // by ALPN; else the first bytes may show that it is HTTP
  bool has_certificate = false;
  Role role = Role::kNone;  // from the subject's OU; kNone without a certificate
  std::string common_name;  // the subject's CN, printable
};

class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  virtual void on_connected() {}
  virtual void on_input() = 0;
  // unsent() has fallen to limits::kOutputLowBytes or below, after it had been above kOutputHighBytes.
  virtual void on_drained() {}
  // `why` says who closed and for what reason, for a log line or an error reply.
  virtual void on_closed(const Error& why) = 0;
};

class Stream {
 public:
  Stream() = default;
  virtual ~Stream() = default;  // closes at once if it is still open
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  virtual void set_handler(StreamHandler* handler) = 0;
  virtual const PeerInfo& peer() const = 0;

  // Received bytes not consumed yet, and bytes to send.
  ByteBuffer& input() { return input_; }
  ByteBuffer& output() { return output_; }
  // Bytes that the owner holds elsewhere for this connection, replies that wait for an earlier one for
  // instance: they count towards limits::kBufferBytesTotal from the next flush() on.
  void set_held(std::size_t bytes) { held_ = bytes; }
  std::size_t held() const { return held_; }

  // output() has content: send it at the end of this turn. Calling it often costs nothing.
  virtual void flush() = 0;
  // Bytes that were handed in and have not reached the kernel.
  virtual std::size_t unsent() const = 0;
  // While paused, on_input is not called and the kernel's buffer fills up: back-pressure. What is in
  // input() already stays there; whoever resumes looks at it first.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;
  // Sends what is in output(), says goodbye, then closes; input is discarded from here on. on_closed follows.
  virtual void close() = 0;
  // Drops everything and closes; on_closed follows in a later callback.
  virtual void abort() = 0;

 protected:
  ByteBuffer input_;
  ByteBuffer output_;

 private:
  std::size_t held_ = 0;
};

}  // namespace ringhold
