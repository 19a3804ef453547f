#include "dataserver/client_session.h"

#include <fmt/core.h>

#include <utility>

#include "cluster/admin/cluster_commands.h"
#include "common/base/check.h"
#include "common/base/text.h"
#include "common/session/metrics_text.h"
#include "dataserver/about.h"

namespace ringhold {

DataSession::DataSession(std::uint64_t id, const Address& local, std::unique_ptr<Stream> stream,
                         const SessionEnvironment& environment, Node& node, DataSessionHost& host)
    : RespSession(id, local, std::move(stream), environment), node_(node), host_(host), executor_(node) {}

void DataSession::execute(const CommandRow& row, Args args) {
  switch (row.routing) {
    case Routing::kKeys:
    case Routing::kSplit:
      execute_on_keys(row, args);
      return;
    case Routing::kScatter:
      if (node_.topology.remembered() != nullptr) {
        answer_not_confirmed();
      } else {
        run_here(row, args);
      }
      return;
    case Routing::kServer:
      execute_about_server(row, args);
      return;
    case Routing::kConnection:
      break;
  }
  INVARIANT(false);
}

void DataSession::execute_on_keys(const CommandRow& row, Args args) {
  // Alone, this is a plain Redis server: keys of several slots are as good as keys of one.
  const bool alone = node_.topology.current() == nullptr;
  if (node_.topology.remembered() != nullptr) {
    answer_not_confirmed();
    return;
  }
  if (alone && node_.ownership.count() == 0) {
    error(fmt::format("CLUSTERDOWN shard '{}' has no topology yet: list {} in the servers.json of a proxy",
                      node_.options.name, node_.self.text()));
    return;
  }
  if (alone) {
    run_here(row, args);
    return;
  }
  const Result<SlotView> slots = executor_.look_at_slots(row, args);
  if (!slots) {
    error(slots.error().message);
  } else if (!slots->one_slot &&
             (row.routing == Routing::kKeys || (client().knows_cluster && !slots->all_owned))) {
    error("CROSSSLOT Keys in request don't hash to the same slot");
  } else if (!slots->all_owned && client().knows_cluster) {
    answer_moved(slots->first);
  } else if (slots->all_owned && may_overtake_nothing()) {
    run_here(row, args);
  } else {
    // Also a command on a slot of ours while commands that were sent elsewhere are being sorted out: it must
    // not overtake them.
    own_in_channel_ = own_in_channel_ || slots->all_owned || !slots->one_slot;
    forward(row, args);
  }
}

void DataSession::answer_not_confirmed() {
  error(fmt::format(
      "CLUSTERDOWN topology {} of the backup is not confirmed yet: that takes a proxy whose servers.json "
      "lists {}",
      node_.topology.remembered()->version.text(), node_.self.text()));
}

void DataSession::run_here(const CommandRow& row, Args args) {
  ReplyWriter writer = reply();
  if (auto rest = executor_.run(row, args, writer, {this, may_reply_slowly()})) {
    reply_slowly(std::move(rest));
  }
}

// Our own part of a split command, and what came after it, travel through the channel: until all of that is
// back, commands on slots of ours take the same way.
bool DataSession::may_overtake_nothing() {
  if (channel_ == nullptr || channel_->idle()) own_in_channel_ = false;
  return !own_in_channel_ && (channel_ == nullptr || channel_->settled());
}

void DataSession::forward(const CommandRow& row, Args args) {
  if (channel_ == nullptr) channel_ = std::make_unique<ClientChannel>(node_.router, client().id);
  ++node_.forwarded;
  const Ticket ticket = defer();
  channel_->submit({row, args, client().version, client().role}, *this, ticket);
}

void DataSession::on_reply(std::uint64_t tag, std::string_view reply, std::string_view arguments) {
  if (was_slow(tag)) record_slow(tag, sink_arguments(arguments));
  complete(tag, reply);
}

void DataSession::answer_moved(Slot slot) {
  const Address& owner = node_.topology.current()->owner(slot).replicas.front();
  error(fmt::format("MOVED {} {}:{}", slot.value, owner.host, owner.port));
}

void DataSession::execute_about_server(const CommandRow& row, Args args) {
  if (row.id == CommandId::kShutdown) {
    shut_down(args, node_.on_shutdown_request);
  } else if (row.id == CommandId::kDebugSleep) {
    sleep(args);
  } else if (row.id == CommandId::kReady) {
    answer_ready();
  } else if (row.name.starts_with("cluster")) {
    execute_cluster(row, args);
  } else if (row.id == CommandId::kSave || row.id == CommandId::kBgsave || row.id == CommandId::kLastsave) {
    execute_backup(row, args);
  } else {
    const bool metrics = row.id == CommandId::kMetrics;
    const WorkerSnapshot workers =
        host_.snapshot(metrics ? ServerNeeds{.stats = true} : server_command_needs(row));
    const NodeFigures figures = node_figures(node_);
    const ProcessSnapshot process{node_.facts,
                                  workers,
                                  figures.store,
                                  figures.cluster,
                                  *node_.options.probe,
                                  world().clock.wall_ms(),
                                  world().clock.turn_time(),
                                  figures.extra,
                                  figures.backup};
    if (metrics) {
      answer_metrics(process);
      return;
    }
    ReplyWriter writer = reply();
    ServerCommandContext context{
        row, args, writer, mutable_client(), process, node_.config, environment().authenticator};
    execute_server_command(context);
    host_.apply(context.effects);
  }
}

void DataSession::answer_metrics(const ProcessSnapshot& process) {
  MetricsWriter metrics;
  write_process_metrics(metrics, process);
  write_store_metrics(metrics, process, node_.backup != nullptr);
  metrics
      .family("ringhold_forwarded_commands_total", MetricsWriter::Kind::kCounter,
              "Commands on slots of other shards that were sent on.")
      .sample(static_cast<double>(node_.forwarded));
  reply().verbatim(metrics.take());
}

void DataSession::answer_ready() {
  if (node_.topology.remembered() != nullptr) {
    error("NOTREADY the topology of the backup is not confirmed yet");
  } else if (node_.ownership.count() == 0) {
    error("NOTREADY this server serves no slots: no topology lists it");
  } else {
    reply().simple("READY");
  }
}

// SAVE, BGSAVE [SCHEDULE] and LASTSAVE. Both kinds of saving go on beside everything else; SAVE answers at
// the end.
void DataSession::execute_backup(const CommandRow& row, Args args) {
  if (node_.backup == nullptr) {
    error("ERR this server makes no backups: start it with --backup FILE");
    return;
  }
  BackupJob& backup = *node_.backup;
  if (row.id == CommandId::kLastsave) {
    reply().integer(backup.figures().last_success_s);
  } else if (row.id == CommandId::kBgsave) {
    if (args.size() > 2 || (args.size() == 2 && !equals_ignore_case(args[1], "schedule"))) {
      error("ERR syntax error");
    } else if (backup.running()) {
      error("ERR Background save already in progress");
    } else {
      backup.start(BackupJob::Pace::kGentle, {});
      reply().simple("Background saving started");
    }
  } else {
    wait_for_backup(defer(), node_.store.changes());
  }
}

// One that is under way may have passed the keys that this client has just changed: then another one follows.
void DataSession::wait_for_backup(Ticket ticket, std::uint64_t changes) {
  node_.backup->start(BackupJob::Pace::kHurry, [this, ticket, changes, alive = std::weak_ptr<int>(alive_)](
                                                   const Result<void>& outcome) {
    if (alive.expired()) return;
    if (outcome.ok() && node_.backup->covered_changes() < changes) {
      wait_for_backup(ticket, changes);
      return;
    }
    ByteBuffer text;
    ReplyWriter writer(text, client().version);
    outcome.ok() ? writer.ok() : writer.error("ERR " + outcome.error().message);
    complete(ticket, text.view());
  });
}

void DataSession::execute_cluster(const CommandRow& row, Args args) {
  // CLUSTER STATUS is Ringhold's own: who asks for it need not know Redis Cluster.
  if (row.id != CommandId::kClusterStatus) mutable_client().knows_cluster = true;
  ReplyWriter writer = reply();
  ClusterCommandContext context = executor_.cluster_context(row, args, writer);
  execute_cluster_command(context);
}

}  // namespace ringhold
