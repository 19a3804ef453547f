#include "common/net/tls_session.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/net/alpn.h"
#include "common/net/certificate.h"
#include "common/net/tls_error.h"

namespace ringhold {

// OpenSSL's view of a session's two byte queues. Reading takes from what was fed; writing always succeeds.
struct SessionBio {
  static TlsSession& session_of(BIO* bio) { return *static_cast<TlsSession*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* out, std::size_t size, std::size_t* got) {
    std::string_view& in = session_of(bio).in_;
    BIO_clear_retry_flags(bio);
    *got = std::min(size, in.size());
    if (*got == 0) {
      BIO_set_retry_read(bio);
      return 0;
    }
    std::memcpy(out, in.data(), *got);
    in.remove_prefix(*got);
    return 1;
  }

  static int write(BIO* bio, const char* bytes, std::size_t size, std::size_t* written) {
    ByteBuffer* out = session_of(bio).out_;
    INVARIANT(out != nullptr);
    BIO_clear_retry_flags(bio);
    out->append({bytes, size});
    *written = size;
    return 1;
  }

  static long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }

  static BIO_METHOD* make_method() {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "ringhold session");
    INVARIANT(method != nullptr);
    BIO_meth_set_read_ex(method, &SessionBio::read);
    BIO_meth_set_write_ex(method, &SessionBio::write);
    BIO_meth_set_ctrl(method, &SessionBio::control);
    return method;
  }

  static BIO* make(TlsSession* session) {
    static const std::unique_ptr<BIO_METHOD, OpenSslFree<BIO_meth_free>> method(make_method());
    BIO* bio = BIO_new(method.get());
    INVARIANT(bio != nullptr);
    BIO_set_data(bio, session);
    BIO_set_init(bio, 1);
    return bio;
  }
};

namespace {

// The largest plaintext of one record.
constexpr std::size_t kRecordBytesMax = 16 * limits::kKiB;

// Sets where ciphertext goes for as long as a call lasts.
class OutputScope {
 public:
  OutputScope(ByteBuffer*& slot, ByteBuffer& cipher) : slot_(slot) { slot_ = &cipher; }
  ~OutputScope() { slot_ = nullptr; }
  OutputScope(const OutputScope&) = delete;
  OutputScope& operator=(const OutputScope&) = delete;

 private:
  ByteBuffer*& slot_;
};

// SSL_get_error looks at the thread's error queue, so nothing old may stand there.
void forget_old_errors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

bool is_ip_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

void expect_host(SSL* ssl, const std::string& host) {
  X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl);
  if (is_ip_address(host)) {
    INVARIANT(X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1);
    return;
  }
  X509_VERIFY_PARAM_set_hostflags(parameters,
                                  X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  INVARIANT(X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size()) == 1);
  SSL_set_tlsext_host_name(ssl, host.c_str());
}

}  // namespace

TlsSession::TlsSession(SSL_CTX* context) : ssl_(SSL_new(context)) {
  INVARIANT(ssl_);
  BIO* bio = SessionBio::make(this);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_app_data(ssl_.get(), this);
}

// OpenSSL takes a connection that was dropped without a goodbye for an attack on its session, and would not
// resume it. Processes that die are ordinary here; only what has failed in TLS itself is not to be resumed.
TlsSession::~TlsSession() {
  if (failure_.message.empty()) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

std::unique_ptr<TlsSession> TlsSession::accept(const TlsContext& context) {
  INVARIANT(context.server() != nullptr);
  std::unique_ptr<TlsSession> session(new TlsSession(context.server()));
  SSL_set_accept_state(session->ssl_.get());
  return session;
}

std::unique_ptr<TlsSession> TlsSession::connect(const TlsContext& context, const TlsTarget& target) {
  std::unique_ptr<TlsSession> session(new TlsSession(context.client()));
  SSL* ssl = session->ssl_.get();
  SSL_set_connect_state(ssl);
  expect_host(ssl, target.host);
  session->wanted_ = target.protocol;
  const std::string offer = alpn_offer(target.protocol);
  SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(offer.data()),
                      static_cast<unsigned>(offer.size()));
  if (target.resume != nullptr) SSL_set_session(ssl, target.resume);
  forget_old_errors();
  return session;
}

void TlsSession::feed(std::string_view ciphertext) {
  INVARIANT(in_.empty());
  in_ = ciphertext;
}

TlsSession::Status TlsSession::fail(Error why) {
  failure_ = std::move(why);
  in_ = {};
  return Status::kFailed;
}

TlsSession::Status TlsSession::handshake(ByteBuffer& cipher) {
  const OutputScope scope(out_, cipher);
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    ERR_clear_error();  // a successful verification may leave remarks
    return check_peer();
  }
  if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ) return Status::kMore;
  return fail(describe_tls_failure(ssl_.get(), refused_name_));
}

// What OpenSSL does not check: that the certificate of a resumed session is still valid, and that a server
// has agreed to the protocol that we came for.
TlsSession::Status TlsSession::check_peer() {
  const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
  if (resumed() && certificate != nullptr) {
    if (const std::string why = invalid_now(certificate); !why.empty()) {
      return fail(
          Error{fmt::format("the peer's certificate (CN={}) {}", certificate_common_name(certificate), why)});
    }
  }
  if (wanted_ && peer().protocol != *wanted_) {
    return fail(Error{fmt::format("the peer does not speak {}", alpn_name(*wanted_))});
  }
  return Status::kOk;
}

TlsSession::Status TlsSession::read(ByteBuffer& plain, ByteBuffer& cipher) {
  const OutputScope scope(out_, cipher);
  forget_old_errors();
  // SSL_read only while there is something to read: its last call, that finds nothing, is not cheap.
  while (!in_.empty() || SSL_has_pending(ssl_.get()) == 1) {
    const std::size_t expected = in_.size() + static_cast<std::size_t>(SSL_pending(ssl_.get()));
    char* at = plain.prepare(std::clamp<std::size_t>(expected, 512, kRecordBytesMax));
    std::size_t got = 0;
    const int result = SSL_read_ex(ssl_.get(), at, plain.room(), &got);
    if (result == 1) {
      plain.commit(got);
      continue;
    }
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        INVARIANT(in_.empty());
        return Status::kOk;
      case SSL_ERROR_ZERO_RETURN:
        in_ = {};
        return Status::kGoodbye;
      default:
        return fail(describe_tls_failure(ssl_.get(), refused_name_));
    }
  }
  return Status::kOk;
}

TlsSession::Status TlsSession::write(std::string_view plain, ByteBuffer& cipher) {
  const OutputScope scope(out_, cipher);
  forget_old_errors();
  if (plain.empty()) return Status::kOk;
  std::size_t written = 0;
  if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written) != 1) {
    return fail(describe_tls_failure(ssl_.get(), refused_name_));
  }
  INVARIANT(written == plain.size());
  return Status::kOk;
}

void TlsSession::goodbye(ByteBuffer& cipher) {
  const OutputScope scope(out_, cipher);
  SSL_shutdown(ssl_.get());
  forget_old_errors();
}

PeerInfo TlsSession::peer() const {
  PeerInfo info;
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  const std::string_view chosen(name != nullptr ? reinterpret_cast<const char*>(name) : "", size);
  info.protocol = protocol_named(chosen).value_or(Protocol::kRedis);
  info.protocol_chosen = !chosen.empty();
  if (const X509* certificate = SSL_get0_peer_certificate(ssl_.get())) {
    info.has_certificate = true;
    info.role = certificate_role(certificate);
    info.common_name = certificate_common_name(certificate);
  }
  return info;
}

int TlsSession::keep_ticket(SSL* ssl, SSL_SESSION* session) {
  static_cast<TlsSession*>(SSL_get_app_data(ssl))->ticket_.reset(session);
  return 1;  // the reference is ours now
}

int TlsSession::note_verification(int accepted, X509_STORE_CTX* verification) {
  const X509* certificate = X509_STORE_CTX_get0_cert(verification);
  if (accepted == 0 && certificate != nullptr) {
    auto* ssl =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
    static_cast<TlsSession*>(SSL_get_app_data(ssl))->refused_name_ = certificate_common_name(certificate);
  }
  return accepted;
}

}  // namespace ringhold
