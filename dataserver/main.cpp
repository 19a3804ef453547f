// ringhold-dataserver: one replica of one shard. Everything that it consists of is put together here.
#include <fmt/core.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <utility>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/cli/command_line.h"
#include "common/cli/server_flags.h"
#include "common/net/certificate_reloader.h"
#include "common/net/graceful_stop.h"
#include "common/net/reactor.h"
#include "common/net/uv_disk.h"
#include "common/session/process_probe.h"
#include "dataserver/backup/restore.h"
#include "dataserver/server.h"

namespace ringhold {
namespace {

struct Flags : ServerFlags {
  std::string name;
  std::uint64_t value_bytes_max = limits::kValueBytesMax;
  std::uint64_t max_memory = 0;
  Eviction eviction = Eviction::kLru;
  std::string backup;
  std::string backup_interval = "300s";
  std::string check_backup;
};

DataServerOptions options_from(const Flags& flags, std::shared_ptr<const Authenticator> authenticator) {
  DataServerOptions options;
  options.addr = flags.addr;
  options.advertise = flags.advertise;
  options.name = flags.name;
  options.value_bytes_max = flags.value_bytes_max;
  options.max_memory = flags.max_memory;
  options.eviction = flags.eviction;
  options.backup_file = flags.backup;
  options.backup_interval = *parse_duration(flags.backup_interval);
  options.connections_max = flags.connections_max;
  options.connections_per_address_max = flags.connections_per_address_max;
  options.deadline = flags.deadline;
  options.build_id = RINGHOLD_VERSION;
  options.authenticator = std::move(authenticator);
  options.probe = make_system_process_probe();
  return options;
}

Result<void> serve(const Flags& flags) {
  prepare_process();
  const auto tls = TlsContext::load(flags.tls);
  if (!tls) return tls.error();
  auto authenticator = load_password_file(flags.password_file);
  if (!authenticator) return authenticator.error();

  Reactor reactor(std::make_shared<ProcessResources>(), *tls);
  DataServer server(reactor.world(), options_from(flags, std::move(*authenticator)));
  const auto address = server.start();
  if (!address) return address.error();

  CertificateReloader certificates(reactor.world(), flags.tls, *tls, [&reactor](TlsContextPtr context) {
    reactor.network().use(std::move(context));
  });
  SignalWatch signals(reactor.loop());
  signals.on(SIGHUP, [&certificates] { certificates.reload(); });
  GracefulStop stop(
      reactor.loop(), [&server](GracefulStop::Done done) { server.stop(std::move(done)); },
      flags.backup.empty() ? limits::kStopTimeout : limits::kStopWithBackupTimeout);
  server.on_shutdown_request([&stop] { stop.request(); });
  if ((*tls)->role() != Role::kNode) {
    log::warn("{} has the role {}: this server cannot forward to others (that takes OU=node)",
              flags.tls.cert_file, role_name((*tls)->role()));
  }

  fmt::print("ready addr={}\n", address->text());
  std::fflush(stdout);
  reactor.loop().run();
  if (server.has_unsaved_changes()) return Error{"ended without a last backup: see the log"};
  return {};
}

// ringhold-dataserver --check-backup FILE
int check(const CommandLine& line, const std::string& path) {
  Loop loop;
  UvDisk disk(loop);
  const auto summary = check_backup(disk, path, {});
  if (!summary) {
    line.complain(summary.error().message);
    return 1;
  }
  fmt::print("{}", describe_backup(path, *summary));
  return 0;
}

int run(int argc, char** argv) {
  Flags flags;
  CommandLine line("ringhold-dataserver",
                   "A data server of Ringhold: keeps the keys of one shard, in memory.");
  declare(line, flags);
  line.text("name", flags.name, "The shard that this server is a replica of");
  line.size("value-bytes-max", flags.value_bytes_max, "The largest value that is accepted");
  line.size("max-memory", flags.max_memory, "The most memory that keys and values may take (0: no bound)");
  line.choice(
      "eviction", flags.eviction, {{"lru", Eviction::kLru}, {"none", Eviction::kNone}},
      "What happens at --max-memory: the least recently used keys go, or commands that add are refused");
  line.text("backup", flags.backup,
            "The file that the keys are backed up to, and restored from at the start");
  line.text("backup-interval", flags.backup_interval,
            "The time between two backups (0: only SAVE, BGSAVE and the end)");
  line.text("check-backup", flags.check_backup, "Only read this backup, and say what is in it");
  if (const auto code = line.parse(argc, argv)) return *code;
  if (const auto good = check(flags); !good) return line.usage_error(good.error().message);
  if (!parse_duration(flags.backup_interval)) {
    return line.usage_error(fmt::format("--backup-interval {}: {}", flags.backup_interval,
                                        parse_duration(flags.backup_interval).error().message));
  }
  if (flags.value_bytes_max == 0 || flags.value_bytes_max > limits::kStringBytesMax) {
    return line.usage_error(
        fmt::format("--value-bytes-max must be between 1 and {}", limits::kStringBytesMax));
  }
  if (!flags.check_backup.empty()) return check(line, flags.check_backup);
  const auto served = serve(flags);
  if (served) return 0;
  line.complain(served.error().message);
  return 1;
}

}  // namespace
}  // namespace ringhold

int main(int argc, char** argv) {
  return ringhold::run(argc, argv);
}
