// A TLS server of one thread and one connection at a time, for tests of the client: what it does with each
// request is given by a function.
#pragma once

#include <atomic>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "common/net/tls_context.h"
#include "common/reactor/address.h"

namespace ringhold::test {

class ScriptedServer {
 public:
  // Returns the bytes to answer with; nothing to stay silent. "close" as the whole answer closes the
  // connection.
  using Answer = std::function<std::string(std::span<const std::string_view> args)>;

  ScriptedServer(TlsContextPtr context, Answer answer);
  ~ScriptedServer();  // closes everything and joins
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  const Address& address() const { return address_; }

 private:
  void run();
  void serve(int socket);

  TlsContextPtr context_;
  Answer answer_;
  Address address_;
  int listener_ = -1;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace ringhold::test
