// Certificates in files, as ClientOptions wants them, and a server that answers from a script.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>

#include "ringhold/client.h"
#include "tests/unit/client/scripted_server.h"
#include "tests/unit/net/test_certificates.h"

namespace ringhold::test {

// One authority, a server's context and a client's files of it.
class LibraryWorld {
 public:
  LibraryWorld() {
    const PemPair client = authority_.issue({.common_name = "client"});
    folder_.write("ca.crt", authority_.pem());
    folder_.write("client.crt", client.cert);
    folder_.write("client.key", client.key);
  }

  const TestAuthority& authority() const { return authority_; }
  const TempDir& folder() const { return folder_; }
  TlsContextPtr server_tls() const { return make_context(authority_, {.common_name = "server"}); }

  ClientOptions options(const Address& address) const {
    return {.address = address.text(),
            .ca_file = folder_.path("ca.crt"),
            .cert_file = folder_.path("client.crt"),
            .key_file = folder_.path("client.key"),
            // Pauses that are too short to be waited for, but are there.
            .reconnect = {.attempts = 5,
                          .delay_min = std::chrono::milliseconds(1),
                          .delay_max = std::chrono::milliseconds(4)}};
  }

 private:
  TestAuthority authority_;
  TempDir folder_;
};

inline const LibraryWorld& library_world() {
  static const LibraryWorld instance;
  return instance;
}

// Says OK to HELLO; everything else is the script's.
inline ScriptedServer::Answer after_hello(ScriptedServer::Answer script) {
  return [script = std::move(script)](std::span<const std::string_view> args) {
    return args[0] == "HELLO" ? std::string("+OK\r\n") : script(args);
  };
}

}  // namespace ringhold::test
