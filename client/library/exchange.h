// One run of commands: sends them, collects as many replies, and decides what becomes of those that were
// under way when the connection was lost.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "client/library/channel.h"
#include "client/library/command_traits.h"
#include "ringhold/client.h"

namespace ringhold::client {

using Commands = std::span<const std::vector<std::string>>;

class Exchange {
 public:
  // For one run. `channel` and `commands` are borrowed. No command may be empty.
  Exchange(Channel& channel, Commands commands, std::chrono::milliseconds timeout);

  // One for each command, in order.
  std::vector<Expected<Reply>> run();

 private:
  // The next commands that go out together.
  Commands next_window() const;
  // Sends them and takes replies_ until all are there. An error: the connection is of no more use.
  Result<void> send_and_receive(Connection& connection, Commands window);
  // Whether the next so many commands, which were sent and got no reply, may be sent again: all of them only
  // read.
  bool may_repeat(std::size_t unanswered) const;
  // Gives each command without a reply a failure. The first `sent` of them were sent, the others were not.
  void give_up(std::size_t sent, const std::string& why);
  std::string describe(const Error& error) const;

  Channel& channel_;
  Commands commands_;
  std::vector<CommandTraits> traits_;
  std::chrono::milliseconds timeout_;
  Attempts attempts_;
  std::vector<Expected<Reply>> replies_;
};

}  // namespace ringhold::client
