// One connection of a simulated client, from connecting to its end.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "common/resp/reply_parser.h"
#include "tests/sim/load/sim_client.h"

namespace ringhold::sim {

class ClientConnection final : public StreamHandler {
 public:
  // `on_ended` is called once, after which the connection may be destroyed, in a later callback.
  ClientConnection(SimClient& client, const Front& front, SimRng rng, std::function<void()> on_ended);
  ~ClientConnection() override;
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;

  // Sends nothing new, and closes when all is answered.
  void stop();
  std::vector<std::uint64_t> waiting() const;

  void on_connected() override;
  void on_input() override;
  void on_closed(const Error& why) override;

 private:
  // How this one behaves.
  struct Habits {
    bool resp3 = false;
    bool cluster_aware = false;
    bool http = false;
    std::uint32_t depth = 1;
    std::uint64_t requests = 100;
    bool rude = false;
    bool sleepy = false;
  };
  struct Waiting {
    SimCommand command;
    std::size_t request = 0;          // in RunLog::requests
    std::size_t first_operation = 0;  // in RunLog::operations
  };

  Habits choose_habits();
  void think();
  void act();
  SimCommand next_command();
  void send(SimCommand command);
  void write_command(ByteBuffer& out, const SimCommand& command) const;
  bool read_http();
  void take_reply(std::string_view bytes);
  void doze();
  void finish_if_idle();
  void give_up();
  void lose_all(const std::string& why, bool given_up);
  RunLog& log();

  SimClient& client_;
  Front front_;
  SimRng rng_;
  Habits habits_;
  CommandMix mix_;
  std::function<void()> on_ended_;
  std::uint32_t number_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<Timer> thinking_;
  std::unique_ptr<Timer> dozing_;
  ReplyParser parser_;
  std::deque<Waiting> waiting_;
  std::uint64_t sent_ = 0;
  bool connected_ = false;
  bool stopping_ = false;
  bool ended_ = false;
};

}  // namespace ringhold::sim
