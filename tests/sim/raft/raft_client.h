// RaftClients: the clients of a simulated shard. They talk to the replicas' drivers by messages that only
// take their time, go to whoever they believe to lead, and write down what they did and saw, for the checker
// of histories.
//
// An operation ends once: done, certainly not done, or unknown (no answer; a process that has gone; a
// proposal of which the driver says so). A client that has waited for long goes on with another, but what it
// is told later counts.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/check/operation.h"
#include "tests/sim/raft/proposal.h"
#include "tests/sim/raft/raft_group.h"
#include "tests/sim/world/random.h"

namespace ringhold::sim {

class RaftClients {
 public:
  explicit RaftClients(RaftGroup& group);
  RaftClients(const RaftClients&) = delete;
  RaftClients& operator=(const RaftClients&) = delete;

  void start();
  void stop() { stopped_ = true; }
  bool done() const { return open_ == 0; }
  const std::vector<Operation>& operations() const { return operations_; }

  std::uint64_t done_count() const { return done_; }
  std::uint64_t unknown_count() const { return unknown_; }
  std::uint64_t refused_count() const { return refused_; }

 private:
  struct Client {
    std::uint32_t number = 0;
    std::uint32_t seat = 0;  // believed to lead
    SimRng rng;
    std::uint64_t reads_percent = 0;  // of its operations
  };
  // One that is under way; shared by the events that concern it.
  struct Attempt {
    Client& client;
    std::size_t operation = 0;  // its place in operations_
    Words words;
    std::vector<Words> noise;  // further commands of the same entry, of no interest
    int tries_left = 0;
    bool given_up = false;  // the client waits no more
    bool ended = false;
  };
  using Ptr = std::shared_ptr<Attempt>;

  void next(Client& client);
  Words choose(Client& client, Operation& operation);
  std::vector<Words> choose_noise(Client& client);
  void send(const Ptr& attempt);
  void arrive(const Ptr& attempt, RaftSeat& seat);
  void serve_read(const Ptr& attempt, RaftSeat& seat);
  void serve_write(const Ptr& attempt, RaftSeat& seat);
  void on_refused(const Ptr& attempt, std::uint32_t hint);
  void answer(const Ptr& attempt, std::function<void()> at_client);
  void give_up(const Ptr& attempt);
  void end(const Ptr& attempt, Outcome outcome, const std::string& reply);
  std::uint32_t hint_of(const RaftSeat& seat) const;
  std::chrono::microseconds delay(Client& client);

  RaftGroup& group_;
  SimWorld& world_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<Operation> operations_;
  std::size_t open_ = 0;
  bool stopped_ = false;
  std::uint64_t done_ = 0;
  std::uint64_t unknown_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace ringhold::sim
