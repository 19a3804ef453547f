// A TLS connection that blocks, with deadlines: the client's own small world (it is not part of the simulated
// one).
//
// It moves bytes; connection.h speaks RESP over it. Not thread-safe. Every error is one sentence that names
// the address and says what to do; after an error the connection is of no more use.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include "common/base/byte_buffer.h"
#include "common/base/result.h"
#include "common/net/tls_context.h"
#include "common/net/tls_session.h"
#include "common/reactor/address.h"

namespace ringhold::client {

using Deadline = std::optional<std::chrono::steady_clock::time_point>;  // none: for ever
Deadline deadline_after(std::chrono::milliseconds timeout);             // 0: for ever

class TlsConnection {
 public:
  struct Options {
    Address address;
    std::chrono::milliseconds timeout{0};  // for TCP and the handshake together; 0: for ever
    // While it is true, whatever waits gives up. May be set from a signal handler; may be null.
    const std::atomic<bool>* interrupt = nullptr;
  };

  static Result<std::unique_ptr<TlsConnection>> connect(TlsContextPtr context, const Options& options);
  ~TlsConnection();
  TlsConnection(const TlsConnection&) = delete;
  TlsConnection& operator=(const TlsConnection&) = delete;

  // Sends all of `bytes`. What arrives meanwhile goes to input(), so that neither side waits for the other
  // for ever.
  Result<void> send(std::string_view bytes, Deadline deadline);
  // Waits until there is more in input().
  Result<void> receive(Deadline deadline);
  // Takes what has arrived already; an error if the server has closed the connection.
  Result<void> take_arrived();
  ByteBuffer& input() { return input_; }

 private:
  TlsConnection(TlsContextPtr context, const Options& options)
      : context_(std::move(context)), options_(options) {}

  Result<void> open_socket(Deadline deadline);
  Result<void> shake_hands(Deadline deadline);
  // Sends what stands in cipher_out_.
  Result<void> flush(Deadline deadline);
  // Reads once, without waiting, into cipher_in_. False if there was nothing.
  Result<bool> read_socket();
  Result<bool> read_some();
  // Waits for `events` of poll(2).
  Result<short> wait(short events, Deadline deadline, std::string_view what);
  Error describe(std::string_view what) const;

  TlsContextPtr context_;
  Options options_;
  int socket_ = -1;
  std::unique_ptr<TlsSession> session_;
  ByteBuffer input_;       // plaintext received
  ByteBuffer cipher_in_;   // received, not decrypted yet
  ByteBuffer cipher_out_;  // encrypted, not sent yet
};

}  // namespace ringhold::client
