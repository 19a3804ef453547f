// Client: commands to a Ringhold proxy or data server over TLS, and their replies. The library's front door.
//
//   auto client = ringhold::Client::connect({.ca_file = "ca.crt", .cert_file = "me.crt", .key_file =
//   "me.key"}); if (!client) return complain(client.failure().message); auto greeting = client->call("GET",
//   "greeting").as<std::optional<std::string>>();
//
// Threads: a Client may be used by one thread at a time, and holds one connection. Give each thread its own.
//
// A connection that is lost is made again by the next call that needs it, with growing pauses, within that
// call's time-out. A command whose reply was lost with the connection:
//   - is sent again if it only reads (by the command table that the servers use, too);
//   - else fails as kUnknownOutcome: it may have taken effect, and is never sent twice.
// A command that the Client does not know counts as a write. What a connection remembers (CLIENT SETNAME,
// SELECT, a transaction that is open) is gone with it: the call after the loss then fails as kNotConnected
// and sends nothing, so that no command runs on a connection that lacks what its program had set up.
//
// One reply per command: SUBSCRIBE, MONITOR and CLIENT REPLY, which change that, are not for a Client.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ringhold/arguments.h"
#include "ringhold/expected.h"
#include "ringhold/pipeline.h"
#include "ringhold/reply.h"

namespace ringhold {

// Pauses between attempts to connect again: none before the first, then delay_min, doubled up to delay_max;
// each is shortened at random by up to a half, so that many clients do not come back in one moment.
struct ReconnectPolicy {
  int attempts = 30;  // per call; 0: what is lost stays lost
  std::chrono::milliseconds delay_min{50};
  std::chrono::milliseconds delay_max{1000};
};

// Members have initialisers, empty ones too, so that naming only some draws no warning.
struct ClientOptions {
  std::string address = "127.0.0.1:9443";  // HOST:PORT; IPv6 as [::1]:9443. A name's addresses are all tried
  std::string ca_file = "certs/ca.crt";    // who may sign the server's certificate, which is always verified
  std::string cert_file{};                 // the client's own; empty, and key_file too: it shows none
  std::string key_file{};
  std::string user = "default";
  std::string password{};  // empty: no AUTH
  // One attempt to connect: TCP, TLS and AUTH.
  std::chrono::milliseconds connect_timeout{5000};
  // One call, or one run of a pipeline: with all that it sends again, and connecting again. 0: for ever. Does
  // not hold for commands that wait on purpose.
  std::chrono::milliseconds call_timeout{10000};
  ReconnectPolicy reconnect{};
};

class Client {
 public:
  // Reads the certificate files and connects, once. They are read again for every later connection, so
  // renewed ones are taken up.
  static Expected<Client> connect(const ClientOptions& options);
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  // One command, as text and numbers: call("SET", key, value, "EX", 60). Any bytes may stand in it. A reply
  // that says -ERR is a failure of kind kErrorReply.
  template <Argument... Args>
  requires(sizeof...(Args) > 0) Expected<Reply> call(const Args&... args) {
    return call(detail::to_arguments(args...));
  }
  Expected<Reply> call(std::span<const std::string> args);

  // All commands, and as many replies, in order; each may have failed by itself. They are sent up to 1,024 at
  // a time. Where the connection is lost, what has not been answered is sent again only if all of it reads: a
  // read that its program placed before a write must not see that write. May be run again, and changed.
  std::vector<Expected<Reply>> run(const Pipeline& pipeline);

  void set_call_timeout(std::chrono::milliseconds timeout);
  // How many connections were made so far, the first included.
  std::uint64_t connections() const;

 private:
  class Core;
  explicit Client(std::unique_ptr<Core> core);

  std::unique_ptr<Core> core_;
};

}  // namespace ringhold
