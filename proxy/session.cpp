#include "proxy/session.h"

#include <fmt/core.h>

#include <utility>

#include "cluster/admin/cluster_commands.h"
#include "proxy/worker.h"

namespace ringhold {

namespace {

std::vector<std::string_view> views(const std::vector<std::string>& strings) {
  return {strings.begin(), strings.end()};
}

// A gathering under way: on the asking worker's loop only.
struct Gathering {
  WorkerSnapshot merged;
  std::size_t missing = 0;
};

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
      show_status(row, args);
      return;
    default:
      break;
  }
  if (row.name.starts_with("cluster")) {
    execute_cluster(row, args);
  } else {
    gather_and_answer(row, args);
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

void ProxySession::show_status(const CommandRow& row, Args args) {
  const Ticket ticket = defer();
  const std::vector<std::string> kept(args.begin(), args.end());
  worker_.host().post_status_request(
      worker_, [&worker = worker_, &row, kept, ticket, id = client().id](const ClusterStatus& status) {
        if (ProxySession* session = worker.find_session(id))
          session->answer_status(row, kept, status, ticket);
      });
}

void ProxySession::answer_status(const CommandRow& row, const std::vector<std::string>& args,
                                 const ClusterStatus& status, Ticket ticket) {
  ByteBuffer out;
  ReplyWriter writer(out, client().version);
  const auto arg_views = views(args);
  ClusterCommandContext context{
      row, arg_views, writer, worker_.topology().get(), true, worker_.host().facts().advertise};
  context.status = [&status] { return status; };
  execute_cluster_command(context);
  if (was_slow(ticket)) record_slow(ticket, arg_views);
  complete(ticket, out.view());
}

void ProxySession::gather_and_answer(const CommandRow& row, Args args) {
  const Ticket ticket = defer();
  const std::vector<std::string> kept(args.begin(), args.end());
  const ServerNeeds needs = server_command_needs(row);
  if (!needs.stats && !needs.clients && !needs.slowlog) {
    answer_about_process(row, kept, worker_.snapshot(needs), ticket);
    return;
  }
  hold();  // what the command changes is in force before this client's next command
  const auto& workers = worker_.host().workers();
  auto gathering = std::make_shared<Gathering>();  // shared by the callbacks that fill it
  gathering->missing = workers.size();
  for (const auto& worker : workers) {
    worker->post(
        [&asked = *worker, &asker = worker_, needs, gathering, &row, kept, ticket, id = client().id] {
          auto snapshot = std::make_shared<WorkerSnapshot>(asked.snapshot(needs));
          asker.post([&asker, snapshot, gathering, &row, kept, ticket, id] {
            gathering->merged.add(std::move(*snapshot));
            ProxySession* session = asker.find_session(id);
            if (--gathering->missing > 0 || session == nullptr) return;
            session->answer_about_process(row, kept, gathering->merged, ticket);
            session->release();
          });
        });
  }
}

void ProxySession::answer_about_process(const CommandRow& row, const std::vector<std::string>& args,
                                        const WorkerSnapshot& workers, Ticket ticket) {
  ClusterFigures cluster;
  cluster.enabled = true;
  if (const TopologyPtr& topology = worker_.topology(); topology != nullptr) {
    cluster.cluster_id = topology->cluster.hex();
    cluster.generation = topology->version.generation;
    cluster.epoch = topology->version.epoch.value;
    cluster.shards = topology->shards.size();
  }
  const RouterFigures& router = worker_.router().figures();
  const std::vector<std::pair<std::string, std::string>> extra = {
      {"upstream_requests", std::to_string(router.requests)},
      {"upstream_retries", std::to_string(router.retries)},
      {"upstream_deadlines_passed", std::to_string(router.expired)},
      {"upstream_uncertain_writes", std::to_string(router.uncertain)}};
  StoreFigures store;  // the proxy has none; the number of keys is the cluster's
  store.keys = worker_.host().cluster_keys();
  const ProcessSnapshot process{
      worker_.host().facts(),    workers, store, cluster, *worker_.options().probe, world().clock.wall_ms(),
      world().clock.turn_time(), extra};
  ByteBuffer out;
  ReplyWriter writer(out, client().version);
  const auto arg_views = views(args);
  ServerCommandContext context{
      row, arg_views, writer, mutable_client(), process, worker_.config(), environment().authenticator};
  execute_server_command(context);
  const auto effects = std::make_shared<const ServerEffects>(context.effects);  // read by every worker
  for (const auto& worker : worker_.host().workers()) {
    if (worker.get() == &worker_) {
      worker->apply(*effects);
    } else {
      worker->post([&worker = *worker, effects] { worker.apply(*effects); });
    }
  }
  if (was_slow(ticket)) record_slow(ticket, arg_views);
  complete(ticket, out.view());
}

}  // namespace ringhold
