// A Connection that is made again when it was lost.
//
// Owned by one Client, used by its thread. It knows nothing of commands but whether one may have left
// something on the connection: that would be missing on the next, so its loss has to be told.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "client/connection.h"
#include "client/library/attempts.h"
#include "ringhold/client.h"

namespace ringhold::client {

class Channel {
 public:
  // Reads the files and connects, once.
  static Expected<std::unique_ptr<Channel>> open(const ClientOptions& options);

  Attempts attempts(Deadline deadline);

  // A connection that stands as far as is known; connects again if need be. The failure is kNotConnected.
  Expected<Connection*> ready(Attempts& attempts);
  // The connection is of no more use: it has failed, or a reply may still come that nobody waits for.
  void drop() { connection_.reset(); }

  // The command may leave something on the connection.
  void note_state(std::string_view command) { state_of_ = command; }

  std::uint64_t connections() const { return connections_; }
  // "127.0.0.1:9443: why", in the words of ClientOptions instead of those of the command line.
  static std::string in_words_of_options(std::string_view message);

 private:
  explicit Channel(const ClientOptions& options) : options_(options) {}

  Result<void> load();
  Result<void> connect(std::chrono::milliseconds timeout);
  Expected<Connection*> connect_again(Attempts& attempts);

  ClientOptions options_;
  Address address_;
  TlsContextPtr tls_;
  std::unique_ptr<Connection> connection_;
  std::string state_of_;  // the last command that may have left something on connection_; empty: none has
  std::uint64_t connections_ = 0;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace ringhold::client
