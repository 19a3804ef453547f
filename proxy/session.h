// ProxySession: a client of the proxy. Commands on keys go to their shards through the client's channel;
// commands about the process are answered here, from the figures of all workers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cluster/admin/cluster_status.h"
#include "cluster/upstream/client_channel.h"
#include "common/session/resp_session.h"
#include "common/session/server_commands.h"

namespace ringhold {

class Worker;
struct UpstreamReport;
struct WorkerReport;

class ProxySession final : public RespSession, private ReplySink {
 public:
  ProxySession(std::uint64_t id, const Address& local, std::unique_ptr<Stream> stream,
               const SessionEnvironment& environment, Worker& worker);

 private:
  void execute(const CommandRow& row, Args args) override;
  void on_gone() override { channel_.reset(); }
  bool overloaded() const override { return channel_ != nullptr && channel_->overloaded(); }
  void on_reply(std::uint64_t tag, std::string_view reply, std::string_view arguments) override;

  void execute_about_proxy(const CommandRow& row, Args args);
  void execute_cluster(const CommandRow& row, Args args);
  void ask_slot_owner(const CommandRow& row, Args args);
  // A command under way that is answered by what others say.
  struct Question {
    const CommandRow& row;
    std::vector<std::string> args;
    Ticket ticket;
    std::shared_ptr<const ClusterStatus> status;  // what the control loop has said, if it was asked
  };
  Question question(const CommandRow& row, Args args);
  // Asks the control loop how the cluster is, then answers.
  void ask_for_status(const Question& question);
  void answer_status(const Question& question);
  // Collects the workers' reports, then answers.
  void gather_and_answer(const Question& question);
  void answer_about_process(const Question& question, const WorkerReport& workers);
  void write_metrics(ReplyWriter& writer, const ProcessSnapshot& process, const Question& question,
                     const UpstreamReport& upstream) const;
  void answer(const Question& question, std::string_view reply);
  void error(std::string_view text) { reply().error(text); }

  Worker& worker_;
  std::unique_ptr<ClientChannel> channel_;
};

}  // namespace ringhold
