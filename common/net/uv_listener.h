// A listening port: accepts, admits within the limits, sees handshakes through, hands streams over.
//
// Streams whose handshake is under way belong to the listener and go with it; streams that it has handed over
// live on. Who is refused, and why, stands in the log, at a bounded rate.
#pragma once

#include <uv.h>

#include <memory>
#include <unordered_map>

#include "common/net/log_limiter.h"
#include "common/net/process_resources.h"
#include "common/net/stream_core.h"
#include "common/reactor/network.h"

namespace ringhold {

class UvNetwork;

class UvListener final : public Listener, private HandshakeObserver {
 public:
  static Result<std::unique_ptr<Listener>> open(UvNetwork& network, const Address& address,
                                                const ListenOptions& options, AcceptHandler& handler);
  ~UvListener() override;
  UvListener(const UvListener&) = delete;
  UvListener& operator=(const UvListener&) = delete;

  const Address& address() const override { return address_; }
  std::uint32_t connections() const override { return *open_; }

 private:
  UvListener(UvNetwork& network, const ListenOptions& options, AcceptHandler& handler);

  void start(uv_tcp_t* socket, const Address& address, std::shared_ptr<SharedPort> shared);
  void on_connection(int status);
  // Null if the limits forbid it.
  std::shared_ptr<void> admit(const Address& peer, uv_tcp_t* socket);
  void log_refusal(const Address& peer, const std::string& why);

  void on_established(StreamCore& core) override;
  void on_refused(StreamCore& core, const Error& why) override;
  void on_gone(StreamCore& core) override;

  UvNetwork& network_;
  ListenOptions options_;
  AcceptHandler& handler_;
  Address address_;
  uv_tcp_t* socket_ = nullptr;
  std::shared_ptr<SharedPort> shared_;          // with the listeners of other loops on the same port
  std::shared_ptr<ConnectionCounter> counter_;  // shared with them and with the connections
  std::shared_ptr<std::uint32_t> open_ = std::make_shared<std::uint32_t>(0);  // shared with the connections
  std::unordered_map<StreamCore*, std::shared_ptr<StreamCore>> handshaking_;
  LogLimiter refusals_;
};

}  // namespace ringhold
