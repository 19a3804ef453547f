// One attempt to reach HOST:PORT by TCP: resolves the name, then tries its addresses one after the other.
//
// Lives on the heap until it is done or cancelled, and then frees itself. `done` is called once, from the
// loop, never from within start(); after cancel() never. A connected socket belongs to the callee.
#pragma once

#include <uv.h>

#include <functional>
#include <vector>

#include "common/base/result.h"
#include "common/net/loop.h"
#include "common/reactor/address.h"

namespace ringhold {

class TcpConnect {
 public:
  using Done = std::function<void(Result<uv_tcp_t*>)>;

  static TcpConnect* start(Loop& loop, const Address& address, Done done);
  void cancel();
  TcpConnect(const TcpConnect&) = delete;
  TcpConnect& operator=(const TcpConnect&) = delete;

 private:
  TcpConnect(Loop& loop, Address address, Done done);
  ~TcpConnect() = default;

  void resolve();
  void on_resolved(int status, addrinfo* found);
  void try_next();
  void on_connected(int status);
  void give_up(int code);

  Loop& loop_;
  Address address_;
  Done done_;  // empty once cancelled
  std::vector<sockaddr_storage> candidates_;
  std::size_t next_ = 0;
  uv_tcp_t* socket_ = nullptr;
  uv_getaddrinfo_t resolving_{};
  uv_connect_t connecting_{};
};

// Closes `socket`, which came from new, and frees it when libuv lets go of it.
void close_and_free(uv_tcp_t* socket);

// The numeric form; an IPv4 address mapped into IPv6 comes as IPv4.
Address address_of(const sockaddr_storage& socket_address);

}  // namespace ringhold
