// The connection of a person at a terminal: it is made when it is needed, and when it was lost it is made
// anew with all that was agreed on by hand (AUTH, HELLO, SELECT, CLIENT SETNAME).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "client/session.h"

namespace ringhold::client {

class LiveConnection {
 public:
  explicit LiveConnection(const Session& session) : session_(session), at_start_(session.connection) {}

  // Why a call has no reply.
  struct Failure {
    std::string message;
    bool sent = false;  // the command may have taken effect
  };

  Result<void> connect();
  // To another server from now on; the old connection is given up only if the new one stands.
  Result<void> connect_to(const Address& address);
  // Connects if need be. `reply` is set if nothing is returned.
  std::optional<Failure> call(std::span<const std::string> args, ReplyValue& reply);

  bool connected() const { return connection_ != nullptr; }
  // Whether call() found the connection closed, and made a new one; asking resets it.
  bool take_renewed() { return std::exchange(renewed_, false); }
  const Address& address() const { return session_.connection.address; }
  const std::string& database() const { return database_; }  // empty: the first
  const Session& session() const { return session_; }

 private:
  Result<void> agree_again(Connection& connection) const;
  void note(std::span<const std::string> args, const ReplyValue& reply);

  Session session_;
  ConnectionOptions at_start_;
  std::string database_;
  std::string name_;
  std::unique_ptr<Connection> connection_;  // null: not connected
  bool renewed_ = false;
};

}  // namespace ringhold::client
