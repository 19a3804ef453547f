// TlsSession: the TLS side of one connection, without a socket. Ciphertext goes in and comes out as bytes, so
// two of them can be connected to each other in memory.
//
//   feed(bytes) → handshake() until it is kOk → feed(bytes) → read() ...; write() and goodbye() at any time
//   after
//
// All output is appended to the `cipher` buffer that each call is given; after a failure too, because there
// may be an alert in it that tells the peer why. After kFailed only failure() may be called.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/byte_buffer.h"
#include "common/net/openssl_types.h"
#include "common/net/tls_context.h"
#include "common/reactor/stream.h"

namespace ringhold {

// A session that a server has given us, to be resumed with it.
using TlsTicket = SslSessionPtr;

// Whom a client wants to reach.
struct TlsTarget {
  std::string host;  // a name or an IP address; the certificate must carry it
  Protocol protocol = Protocol::kRedis;
  SSL_SESSION* resume = nullptr;  // not owned; may be null
};

class TlsSession {
 public:
  enum class Status {
    kOk,       // handshake: complete. read: all that was fed has been read
    kMore,     // handshake: wants the peer's next bytes
    kGoodbye,  // the peer has said that it will send no more
    kFailed,   // see failure()
  };

  // Precondition: context.server().
  static std::unique_ptr<TlsSession> accept(const TlsContext& context);
  static std::unique_ptr<TlsSession> connect(const TlsContext& context, const TlsTarget& target);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // `ciphertext` is borrowed until the calls of handshake() and read() that follow have returned; they take
  // all of it.
  void feed(std::string_view ciphertext);

  Status handshake(ByteBuffer& cipher);
  // Appends all plaintext there is. Precondition (also of what follows): handshake() was kOk.
  Status read(ByteBuffer& plain, ByteBuffer& cipher);
  // Takes all of `plain`; kOk or kFailed.
  Status write(std::string_view plain, ByteBuffer& cipher);
  // Says that we will send no more.
  void goodbye(ByteBuffer& cipher);

  const Error& failure() const { return failure_; }
  // Protocol and what the peer's certificate says; the address is left to the caller.
  PeerInfo peer() const;
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  std::string version() const { return SSL_get_version(ssl_.get()); }
  // Client only: the newest ticket that came since the last call, or null.
  TlsTicket take_ticket() { return std::move(ticket_); }

  // OpenSSL's callback for a new session of a client.
  static int keep_ticket(SSL* ssl, SSL_SESSION* session);
  // OpenSSL's callback for each step of a verification; remembers whose certificate it was that failed.
  static int note_verification(int accepted, X509_STORE_CTX* verification);

 private:
  friend struct SessionBio;

  explicit TlsSession(SSL_CTX* context);
  Status fail(Error why);
  Status check_peer();

  SslPtr ssl_;
  std::string_view in_;        // what was fed and not taken yet
  ByteBuffer* out_ = nullptr;  // where ciphertext goes; set while a call is under way
  TlsTicket ticket_;
  std::optional<Protocol> wanted_;  // a client's
  std::string refused_name_;        // the CN of a certificate that was not accepted
  Error failure_;
};

}  // namespace ringhold
