// TlsContext: a certificate, its key and the CA, ready to serve and to connect.
//
// Immutable, and shared by all loops of a process (hence shared_ptr: the last connection that uses a replaced
// one frees it). Each has session ticket keys of its own, so a session of a replaced context cannot be
// resumed.
//
// TLS 1.2 is the least. Peers are verified against the CA, always; certificates carry a role in their OU.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/net/openssl_types.h"

namespace ringhold {

enum class ClientAuth {
  kRequired,  // a client must show a certificate
  kOptional,  // it may show none, and then has to authenticate with a password; one that it shows is verified
};

struct TlsOptions {
  std::string cert_file;  // empty, and key_file too: connects without a certificate, cannot serve
  std::string key_file;
  std::string ca_file;
  ClientAuth client_auth = ClientAuth::kRequired;
};

// What the files hold, so that a reload can tell whether anything has changed.
struct TlsMaterial {
  std::string cert;
  std::string key;
  std::string ca;
  bool operator==(const TlsMaterial&) const = default;
};

class TlsContext {
 public:
  // Errors name the file: missing, unreadable, damaged, key and certificate do not belong together, expired.
  static Result<std::shared_ptr<const TlsContext>> load(const TlsOptions& options);
  static Result<TlsMaterial> read_material(const TlsOptions& options);
  static Result<std::shared_ptr<const TlsContext>> make(const TlsOptions& options, TlsMaterial material);

  // The server's is null if there is no certificate. OpenSSL's contexts are thread-safe behind their const.
  SSL_CTX* server() const { return server_.get(); }
  SSL_CTX* client() const { return client_.get(); }

  const TlsMaterial& material() const { return material_; }
  // Of the own certificate; kNone without one.
  Role role() const { return role_; }
  // The earliest end, in seconds since the Unix epoch, among the own certificate and the CA's.
  std::int64_t expires_at() const { return expires_at_; }
  const std::string& expires_first() const { return expires_first_; }  // the file that this is in

 private:
  TlsContext() = default;

  TlsMaterial material_;
  SslContextPtr server_;
  SslContextPtr client_;
  Role role_ = Role::kNone;
  std::int64_t expires_at_ = 0;
  std::string expires_first_;
};

using TlsContextPtr = std::shared_ptr<const TlsContext>;

}  // namespace ringhold
