// Certificates for tests, made in code.
#pragma once

#include <filesystem>
#include <string>

#include "common/net/openssl_types.h"
#include "common/net/tls_context.h"

namespace ringhold::test {

// A directory that goes with the object.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  std::string path(const std::string& name) const { return (root_ / name).string(); }
  void write(const std::string& name, const std::string& content) const;

 private:
  std::filesystem::path root_;
};

struct CertificateSpec {
  std::string common_name = "test";
  std::string unit = "client";                                  // OU; empty: none
  std::string alt_names = "DNS:localhost,IP:127.0.0.1,IP:::1";  // empty: none
  std::string extended_use;                                     // such as serverAuth; empty: none
  long starts_in = -3600;                                       // seconds from now
  long ends_in = 90 * 86400L;
};

struct PemPair {
  std::string cert;
  std::string key;
};

class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name = "test CA");
  PemPair issue(const CertificateSpec& spec) const;
  const std::string& pem() const { return pem_; }

 private:
  KeyPtr key_;
  X509Ptr certificate_;
  std::string pem_;
};

// A context made from memory; the file names are only for messages.
TlsContextPtr make_context(const PemPair& identity, const std::string& ca_pem,
                           ClientAuth client_auth = ClientAuth::kRequired);
TlsContextPtr make_context(const TestAuthority& authority, const CertificateSpec& spec,
                           ClientAuth client_auth = ClientAuth::kRequired);
// Without a certificate of its own.
TlsContextPtr make_anonymous_context(const std::string& ca_pem);

}  // namespace ringhold::test
