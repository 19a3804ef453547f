#include "common/net/tls_context.h"

#include <fmt/core.h>
#include <openssl/err.h>

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/base/log.h"
#include "common/net/alpn.h"
#include "common/net/certificate.h"
#include "common/net/files.h"
#include "common/net/tls_error.h"
#include "common/net/tls_session.h"

namespace ringhold {

namespace {

// Real chains are a few kilobytes; a file beyond this is not a certificate.
constexpr std::size_t kPemBytesMax = limits::kMiB;
// The 128-bit cipher comes first: it is the fastest where there is AES in hardware. Clients without it put
// ChaCha20 first and are heard (SSL_OP_PRIORITIZE_CHACHA).
constexpr const char* kCiphers13 =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kCiphers12 = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr std::string_view kSessionIdContext = "ringhold";
// A session that is older than this is not resumed; it bounds for how long a stolen ticket key would matter.
constexpr long kSessionSeconds = 3600;

struct Identity {
  std::vector<X509Ptr> chain;  // own certificate first
  KeyPtr key;
};

// Without a certificate: an empty chain.
Result<Identity> parse_identity(const TlsOptions& options, const TlsMaterial& material) {
  Identity identity;
  if (options.cert_file.empty()) return identity;
  auto chain = parse_certificates(material.cert, options.cert_file);
  if (!chain) return chain.error();
  auto key = parse_private_key(material.key, options.key_file);
  if (!key) return key.error();
  if (X509_check_private_key(chain->front().get(), key->get()) != 1) {
    ERR_clear_error();
    return Error{
        fmt::format("the key in {} does not belong to the certificate in {}; make both together with "
                    "certs/make-certs",
                    options.key_file, options.cert_file)};
  }
  if (const std::string why = invalid_now(chain->front().get()); !why.empty()) {
    return Error{fmt::format("the certificate in {} {}; make a new one with certs/make-certs --force",
                             options.cert_file, why)};
  }
  identity.chain = std::move(*chain);
  identity.key = std::move(*key);
  return identity;
}

// What both directions have in common.
Result<SslContextPtr> make_context(const SSL_METHOD* method, const TlsOptions& options,
                                   const Identity& identity, const std::vector<X509Ptr>& authorities) {
  SslContextPtr context(SSL_CTX_new(method));
  INVARIANT(context);
  SSL_CTX* ctx = context.get();
  INVARIANT(SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1);
  INVARIANT(SSL_CTX_set_ciphersuites(ctx, kCiphers13) == 1);
  INVARIANT(SSL_CTX_set_cipher_list(ctx, kCiphers12) == 1);
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                               SSL_OP_PRIORITIZE_CHACHA);
  // Idle connections hold no record buffers; records are parsed from what one read of the socket brought.
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(ctx, 1);
  SSL_CTX_set_timeout(ctx, kSessionSeconds);
  for (const X509Ptr& authority : authorities) {
    INVARIANT(X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), authority.get()) == 1);
  }
  if (identity.chain.empty()) return context;
  bool usable = SSL_CTX_use_certificate(ctx, identity.chain.front().get()) == 1 &&
                SSL_CTX_use_PrivateKey(ctx, identity.key.get()) == 1;
  for (std::size_t i = 1; usable && i < identity.chain.size(); ++i) {
    usable = SSL_CTX_add1_chain_cert(ctx, identity.chain[i].get()) == 1;
  }
  if (usable) return context;
  return Error{
      fmt::format("the certificate in {} cannot be used: {}", options.cert_file, take_openssl_errors())};
}

int choose_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned in_size, void* /*unused*/) {
  const auto choice = choose_alpn({reinterpret_cast<const char*>(in), in_size});
  if (!choice) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = reinterpret_cast<const unsigned char*>(choice->data());
  *out_size = static_cast<unsigned char>(choice->size());
  return SSL_TLSEXT_ERR_OK;
}

void configure_server(SSL_CTX* ctx, ClientAuth client_auth, const std::vector<X509Ptr>& authorities) {
  int mode = SSL_VERIFY_PEER;
  if (client_auth == ClientAuth::kRequired) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(ctx, mode, &TlsSession::note_verification);
  // The names from which a client chooses among its certificates.
  for (const X509Ptr& authority : authorities) SSL_CTX_add_client_CA(ctx, authority.get());
  SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, nullptr);
  // Sessions live in tickets alone: nothing is kept per client, and all loops accept them.
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_session_id_context(ctx, reinterpret_cast<const unsigned char*>(kSessionIdContext.data()),
                                 static_cast<unsigned>(kSessionIdContext.size()));
  SSL_CTX_set_num_tickets(ctx, 1);
}

void configure_client(SSL_CTX* ctx) {
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, &TlsSession::note_verification);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(ctx, &TlsSession::keep_ticket);
}

// A node whose own certificate its CA did not sign cannot be reached by the other nodes; still, a certificate
// from elsewhere is legitimate towards clients, so it is a warning.
void warn_if_foreign(SSL_CTX* ctx, const TlsOptions& options, const Identity& identity) {
  const std::unique_ptr<X509_STORE_CTX, OpenSslFree<X509_STORE_CTX_free>> check(X509_STORE_CTX_new());
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(ctx, &chain);
  X509_STORE_CTX_init(check.get(), SSL_CTX_get_cert_store(ctx), identity.chain.front().get(), chain);
  if (X509_verify_cert(check.get()) != 1) {
    log::warn("the certificate in {} is not signed by a CA in {}: other servers will refuse it ({})",
              options.cert_file, options.ca_file,
              X509_verify_cert_error_string(X509_STORE_CTX_get_error(check.get())));
  }
  ERR_clear_error();
}

}  // namespace

Result<TlsMaterial> TlsContext::read_material(const TlsOptions& options) {
  TlsMaterial material;
  const std::array<std::pair<const std::string*, std::string*>, 3> files = {
      {{&options.cert_file, &material.cert},
       {&options.key_file, &material.key},
       {&options.ca_file, &material.ca}}};
  for (const auto& [path, content] : files) {
    if (path->empty()) continue;
    auto read = read_whole_file(*path, kPemBytesMax);
    if (!read) {
      return Error{
          fmt::format("{}; certs/make-certs makes certificates, --cert, --key and --ca say where they are",
                      read.error().message)};
    }
    *content = std::move(*read);
  }
  return material;
}

Result<TlsContextPtr> TlsContext::load(const TlsOptions& options) {
  auto material = read_material(options);
  if (!material) return material.error();
  return make(options, std::move(*material));
}

Result<TlsContextPtr> TlsContext::make(const TlsOptions& options, TlsMaterial material) {
  if (options.ca_file.empty()) return Error{"--ca is missing: peers are always verified"};
  if (options.cert_file.empty() != options.key_file.empty()) {
    return Error{"--cert and --key go together: give both or none"};
  }
  const auto authorities = parse_certificates(material.ca, options.ca_file);
  if (!authorities) return authorities.error();
  const auto identity = parse_identity(options, material);
  if (!identity) return identity.error();

  std::shared_ptr<TlsContext> made(new TlsContext);
  const auto note_end = [&made](const X509* certificate, const std::string& path) {
    const std::int64_t end = not_after(certificate);
    if (made->expires_at_ != 0 && end >= made->expires_at_) return;
    made->expires_at_ = end;
    made->expires_first_ = path;
  };
  for (const X509Ptr& authority : *authorities) note_end(authority.get(), options.ca_file);
  auto client = make_context(TLS_client_method(), options, *identity, *authorities);
  if (!client) return client.error();
  configure_client(client->get());
  made->client_ = std::move(*client);

  if (!identity->chain.empty()) {
    auto server = make_context(TLS_server_method(), options, *identity, *authorities);
    if (!server) return server.error();
    configure_server(server->get(), options.client_auth, *authorities);
    made->server_ = std::move(*server);
    made->role_ = certificate_role(identity->chain.front().get());
    note_end(identity->chain.front().get(), options.cert_file);
    warn_if_foreign(made->client(), options, *identity);
  }
  made->material_ = std::move(material);
  return TlsContextPtr(std::move(made));
}

}  // namespace ringhold
