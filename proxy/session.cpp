#include "proxy/session.h"

#include <fmt/core.h>

#include <utility>

#include "cluster/admin/cluster_commands.h"
#include "cluster/admin/cluster_metrics.h"
#include "cluster/upstream/upstream_metrics.h"
#include "common/session/metrics_text.h"
#include "proxy/worker.h"

namespace ringhold {

namespace {

std::vector<std::string_view> views(const std::vector<std::string>& strings) {
  return {strings.begin(), strings.end()};
}

// A gathering under way: on the asking worker's loop only.
struct Gathering {
  WorkerReport merged;
  std::size_t missing = 0;
};

// METRICS has no row among the commands that both kinds of process answer alike.
ServerNeeds needs_of(const CommandRow& row) {
  return row.id == CommandId::kMetrics ? ServerNeeds{.stats = true} : server_command_needs(row);
}

}  // namespace

ProxySession::ProxySession(std::uint64_t id, const Address& local, std::unique_ptr<Stream> stream,
                           const SessionEnvironment& environment, Worker& worker)
    : RespSession(id, local, std::move(stream), environment),
      worker_(worker),
      channel_(std::make_unique<ClientChannel>(worker.router(), id)) {}

void ProxySession::execute(const CommandRow& row, Args args) {
  if (row.routing == Routing::kServer) {
    execute_about_proxy(row, args);
    return;
  }
  const Ticket ticket = defer();
  channel_->submit({row, args, client().version, client().role}, *this, ticket);
}

void ProxySession::on_reply(std::uint64_t tag, std::string_view reply, std::string_view arguments) {
  if (was_slow(tag)) record_slow(tag, sink_arguments(arguments));
  complete(tag, reply);
}

void ProxySession::execute_about_proxy(const CommandRow& row, Args args) {
  switch (row.id) {
    case CommandId::kShutdown:
      shut_down(args, [&host = worker_.host()] { host.post_shutdown_request(); });
      return;
    case CommandId::kDebugSleep:
      sleep(args);
      return;
    case CommandId::kClusterCountkeysinslot:
    case CommandId::kClusterGetkeysinslot:
      ask_slot_owner(row, args);
      return;
    case CommandId::kClusterStatus:
    case CommandId::kMetrics:
    case CommandId::kReady:
      ask_for_status(question(row, args));
      return;
    default:
      break;
  }
  if (row.name.starts_with("cluster")) {
    execute_cluster(row, args);
  } else {
    gather_and_answer(question(row, args));
  }
}

void ProxySession::execute_cluster(const CommandRow& row, Args args) {
  ReplyWriter writer = reply();
  ClusterCommandContext context{
      row, args, writer, worker_.topology().get(), true, worker_.host().facts().advertise};
  execute_cluster_command(context);
}

void ProxySession::ask_slot_owner(const CommandRow& row, Args args) {
  const Result<Slot> slot = cluster_command_slot(row, args);
  if (!slot) {
    error(slot.error().message);
    return;
  }
  const Ticket ticket = defer();
  channel_->submit_to_slot({row, args, client().version, client().role}, *slot, *this, ticket);
}

ProxySession::Question ProxySession::question(const CommandRow& row, Args args) {
  return {row, {args.begin(), args.end()}, defer(), nullptr};
}

void ProxySession::answer(const Question& question, std::string_view reply) {
  if (was_slow(question.ticket)) record_slow(question.ticket, views(question.args));
  complete(question.ticket, reply);
}

void ProxySession::ask_for_status(const Question& asked) {
  hold();  // strangers may ask whether we are ready: one question of a client at a time
  worker_.host().post_status_request(worker_, [&worker = worker_, asked,
                                               id = client().id](const ClusterStatus& status) {
    ProxySession* session = worker.find_session(id);
    if (session == nullptr) return;
    const auto shared = std::make_shared<const ClusterStatus>(status);  // by the workers that are asked next
    session->answer_status({asked.row, asked.args, asked.ticket, shared});
    session->release();
  });
}

void ProxySession::answer_status(const Question& asked) {
  if (asked.row.id == CommandId::kMetrics) {
    gather_and_answer(asked);
    return;
  }
  ByteBuffer out;
  ReplyWriter writer(out, client().version);
  if (asked.row.id == CommandId::kReady) {
    const Result<void> ready = check_ready(*asked.status);
    ready ? writer.simple("READY") : writer.error("NOTREADY " + ready.error().message);
  } else {
    const auto arg_views = views(asked.args);
    ClusterCommandContext context{
        asked.row, arg_views, writer, worker_.topology().get(), true, worker_.host().facts().advertise};
    context.status = [&asked] { return *asked.status; };
    execute_cluster_command(context);
  }
  answer(asked, out.view());
}

void ProxySession::gather_and_answer(const Question& asked) {
  const ServerNeeds needs = needs_of(asked.row);
  if (!needs.stats && !needs.clients && !needs.slowlog) {
    answer_about_process(asked, worker_.report(needs));
    return;
  }
  hold();  // what the command changes is in force before this client's next command
  const auto& workers = worker_.host().workers();
  auto gathering = std::make_shared<Gathering>();  // shared by the callbacks that fill it
  gathering->missing = workers.size();
  for (const auto& worker : workers) {
    worker->post([&source = *worker, &asker = worker_, needs, gathering, asked, id = client().id] {
      auto report = std::make_shared<WorkerReport>(source.report(needs));
      asker.post([&asker, report, gathering, asked, id] {
        gathering->merged.add(std::move(*report));
        ProxySession* session = asker.find_session(id);
        if (--gathering->missing > 0 || session == nullptr) return;
        session->answer_about_process(asked, gathering->merged);
        session->release();
      });
    });
  }
}

void ProxySession::answer_about_process(const Question& asked, const WorkerReport& workers) {
  ClusterFigures cluster;
  cluster.enabled = true;
  if (const TopologyPtr& topology = worker_.topology(); topology != nullptr) {
    cluster.cluster_id = topology->cluster.hex();
    cluster.generation = topology->version.generation;
    cluster.epoch = topology->version.epoch.value;
    cluster.shards = topology->shards.size();
  }
  const RouterFigures& router = workers.upstream.totals;
  const std::vector<std::pair<std::string, std::string>> extra = {
      {"upstream_requests", std::to_string(router.requests)},
      {"upstream_retries", std::to_string(router.retries)},
      {"upstream_deadlines_passed", std::to_string(router.expired)},
      {"upstream_uncertain_writes", std::to_string(router.uncertain)}};
  StoreFigures store;  // the proxy has none; the number of keys is the cluster's
  store.keys = worker_.host().cluster_keys();
  const ProcessSnapshot process{worker_.host().facts(),
                                workers.own,
                                store,
                                cluster,
                                *worker_.options().probe,
                                world().clock.wall_ms(),
                                world().clock.turn_time(),
                                extra};
  ByteBuffer out;
  ReplyWriter writer(out, client().version);
  if (asked.row.id == CommandId::kMetrics) {
    write_metrics(writer, process, asked, workers.upstream);
    answer(asked, out.view());
    return;
  }
  const auto arg_views = views(asked.args);
  ServerCommandContext context{
      asked.row, arg_views, writer, mutable_client(), process, worker_.config(), environment().authenticator};
  execute_server_command(context);
  const auto effects = std::make_shared<const ServerEffects>(context.effects);  // read by every worker
  for (const auto& worker : worker_.host().workers()) {
    if (worker.get() == &worker_) {
      worker->apply(*effects);
    } else {
      worker->post([&worker = *worker, effects] { worker.apply(*effects); });
    }
  }
  answer(asked, out.view());
}

void ProxySession::write_metrics(ReplyWriter& writer, const ProcessSnapshot& process, const Question& asked,
                                 const UpstreamReport& upstream) const {
  MetricsWriter metrics;
  write_process_metrics(metrics, process);
  write_upstream_metrics(metrics, upstream);
  write_cluster_metrics(metrics, *asked.status);
  writer.verbatim(metrics.take());
}

}  // namespace ringhold
