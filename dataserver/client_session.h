// DataSession: a RESP client of a data server.
//
// Commands on keys of this server's slots run here and now. One on a foreign slot is sent to its owner, as a
// one-hop proxy would, or, if this client has shown that it knows Redis Cluster, answered with -MOVED.
// Commands on the whole keyspace (SCAN, DBSIZE, …) mean this server's keys, as at a node of Redis Cluster.
#pragma once

#include "cluster/upstream/client_channel.h"
#include "common/session/resp_session.h"
#include "dataserver/executor.h"
#include "dataserver/node.h"

namespace ringhold {

class DataSession;

// What a session asks of the server that it belongs to.
class DataSessionHost : public SessionOwner {
 public:
  virtual WorkerSnapshot snapshot(const ServerNeeds& needs) = 0;
  virtual void apply(const ServerEffects& effects) = 0;
};

class DataSession final : public RespSession, private ReplySink, private BytesOwner {
 public:
  DataSession(std::uint64_t id, const Address& local, std::unique_ptr<Stream> stream,
              const SessionEnvironment& environment, Node& node, DataSessionHost& host);

  // What it had to wait for (Node::must_wait) is over.
  void on_room() { proceed(); }

 private:
  void execute(const CommandRow& row, Args args) override;
  void on_gone() override { channel_.reset(); }
  bool overloaded() const override { return channel_ != nullptr && channel_->overloaded(); }
  bool must_wait(const CommandRow& row) override { return node_.must_wait(row); }
  LargeBytes take(std::string_view bytes) override { return take_argument(bytes); }
  void on_reply(std::uint64_t tag, std::string_view reply, std::string_view arguments) override;

  void execute_on_keys(const CommandRow& row, Args args);
  void run_here(const CommandRow& row, Args args);
  bool may_overtake_nothing();
  void forward(const CommandRow& row, Args args);
  void answer_not_confirmed();
  void answer_moved(Slot slot);
  void execute_about_server(const CommandRow& row, Args args);
  void execute_cluster(const CommandRow& row, Args args);
  void answer_metrics(const ProcessSnapshot& process);
  void answer_ready();
  void execute_backup(const CommandRow& row, Args args);
  void wait_for_backup(Ticket ticket, std::uint64_t changes);
  void error(std::string_view text) { reply().error(text); }

  Node& node_;
  DataSessionHost& host_;
  Executor executor_;
  std::unique_ptr<ClientChannel> channel_;  // made when something is forwarded for the first time
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // shared with who calls back later
  bool own_in_channel_ = false;  // something in the channel may concern slots of ours
};

}  // namespace ringhold
