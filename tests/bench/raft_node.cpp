// ringhold-raft-node: one replica of a shard that agrees on entries and does nothing with them, to measure
// consensus by itself: log, disk, network, TLS. tests/bench/raft runs three of them.
//
// Whoever leads proposes entries, so many at a time, for the time that was asked for, prints one line of
// JSON, and ends.
#include <fmt/core.h>
#include <sys/resource.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cluster/raft_io/driver.h"
#include "common/base/log.h"
#include "common/net/graceful_stop.h"
#include "common/net/reactor.h"

namespace ringhold {
namespace {

using raft_io::ProposalEnd;
using std::chrono::microseconds;

struct Options {
  std::uint8_t number = 1;
  std::vector<std::string> addresses;  // of all, in the order of their numbers
  std::string directory;
  std::string certificates = "certs";
  std::size_t outstanding = 1;
  std::size_t bytes = 100;
  double seconds = 5;
};

raft::ReplicaId replica_id(std::size_t number) {
  raft::ReplicaId id;
  id.value.bytes[15] = static_cast<std::uint8_t>(number);
  return id;
}

class Nothing final : public raft_io::StateMachine {
 public:
  void apply(const raft::Entry& /*entry*/) override {}
  void save(const std::string& /*path*/, std::function<std::string()> /*about*/,
            std::function<void(Result<void>)> done) override {
    done(Error{"there is nothing to save"});
  }
  Result<std::string> inspect(const std::string& path, bool /*all*/) override {
    return Error{path + " is no snapshot of this"};
  }
  Result<void> restore(const std::string& path) override { return Error{path + " is no snapshot of this"}; }
};

class Node final : private raft_io::DriverHandler {
 public:
  Node(Reactor& reactor, const Options& options)
      : reactor_(reactor),
        options_(options),
        driver_(reactor.world(), driver_options(options), nothing_, *this) {}

  void start() {
    driver_.start([this](const Result<void>& started) {
      if (!started.ok()) return fail(started.error().message);
      acceptor_ = std::make_unique<Acceptor>(driver_);
      auto listener = reactor_.world().network.listen(
          own_address(), {.connections_max = 100, .connections_per_address_max = 100}, *acceptor_);
      if (!listener.ok()) return fail(listener.error().message);
      listener_ = std::move(*listener);
      fmt::print("ready addr={}\n", listener_->address().text());
      std::fflush(stdout);
    });
  }
  bool failed() const { return failed_; }

 private:
  struct Acceptor final : AcceptHandler {
    explicit Acceptor(raft_io::Driver& to) : driver(to) {}
    void on_accept(std::unique_ptr<Stream> stream) override { driver.accept(std::move(stream)); }
    raft_io::Driver& driver;
  };

  static raft_io::DriverOptions driver_options(const Options& options) {
    raft_io::DriverOptions driver;
    driver.directory = options.directory;
    driver.address = options.addresses[options.number - 1U];
    driver.snapshot_log_bytes = UINT64_MAX;
    std::vector<raft::Member> members;
    for (std::size_t i = 0; i < options.addresses.size(); ++i)
      members.push_back({replica_id(i + 1), options.addresses[i], raft::MemberRole::kVoter});
    driver.founders = raft::Membership(std::move(members));
    driver.identity.cluster.bytes[0] = driver.identity.shard.bytes[0] = 1;
    driver.identity.replica = replica_id(options.number);
    driver.identity.shard_name = "bench";
    return driver;
  }
  Address own_address() const { return *parse_address(options_.addresses[options_.number - 1U]); }

  void on_change() override {
    if (!driver_.core()->is_leader() || begun_) return;
    begun_ = true;
    // The others connect, and get the first entries.
    timer_ = reactor_.world().scheduler.make_timer([this] { begin(); });
    timer_->start(std::chrono::seconds(1));
  }
  void on_fault(const std::string& why) override { fail(why); }

  void begin() {
    began_ = reactor_.world().clock.now();
    figures_ = driver_.log_store().figures();
    cpu_ = cpu_us();
    for (std::size_t i = 0; i < options_.outstanding; ++i) propose();
  }

  void propose() {
    const MonoTime sent = reactor_.world().clock.now();
    driver_.propose(std::string(options_.bytes, 'x'), [this, sent](ProposalEnd end, const std::string& why) {
      if (end != ProposalEnd::kApplied) return fail(why);
      const MonoTime now = reactor_.world().clock.now();
      latencies_.push_back((now - sent).count());
      if (now - began_ < microseconds(static_cast<std::int64_t>(options_.seconds * 1e6))) return propose();
      if (!printed_) print(now);
    });
  }

  void print(MonoTime now) {
    printed_ = true;
    std::sort(latencies_.begin(), latencies_.end());
    const double count = static_cast<double>(latencies_.size());
    const double seconds = static_cast<double>((now - began_).count()) / 1e6;
    const auto at = [this](double part) {
      return latencies_[static_cast<std::size_t>(part * static_cast<double>(latencies_.size() - 1))];
    };
    const auto figures = driver_.log_store().figures();
    fmt::print(
        "{{\"outstanding\": {}, \"bytes\": {}, \"entries_per_s\": {:.0f}, \"p50_us\": {}, \"p99_us\": {}, "
        "\"leader_cpu_us_per_entry\": {:.2f}, \"syncs_per_entry\": {:.4f}, \"log_bytes_per_entry\": "
        "{:.1f}}}\n",
        options_.outstanding, options_.bytes, count / seconds, at(0.5), at(0.99),
        static_cast<double>(cpu_us() - cpu_) / count,
        static_cast<double>(figures.syncs - figures_.syncs) / count,
        static_cast<double>(figures.bytes_written - figures_.bytes_written) / count);
    std::fflush(stdout);
    reactor_.loop().stop();
  }

  static std::int64_t cpu_us() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec +
           usage.ru_stime.tv_usec;
  }

  void fail(const std::string& why) {
    fmt::print(stderr, "ringhold-raft-node: {}\n", why);
    failed_ = true;
    reactor_.loop().stop();
  }

  Reactor& reactor_;
  Options options_;
  Nothing nothing_;
  raft_io::Driver driver_;
  std::unique_ptr<Acceptor> acceptor_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Timer> timer_;
  bool begun_ = false;
  bool printed_ = false;
  bool failed_ = false;
  MonoTime began_;
  raft_io::LogFigures figures_;
  std::int64_t cpu_ = 0;
  std::vector<std::int64_t> latencies_;
};

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"One replica of a shard that only agrees: see tests/bench/raft."};
  app.add_option("--number", options.number, "Which of the addresses is this one's, from 1")->required();
  app.add_option("--addresses", options.addresses, "HOST:PORT of all replicas")->required()->delimiter(',');
  app.add_option("--data-dir", options.directory, "Its directory")->required();
  app.add_option("--certs", options.certificates, "The directory of ca.crt, server.crt and server.key");
  app.add_option("--outstanding", options.outstanding, "Proposals under way at a time");
  app.add_option("--bytes", options.bytes, "Of one entry");
  app.add_option("--seconds", options.seconds, "How long the leader proposes");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (options.number < 1 || options.number > options.addresses.size()) {
    fmt::print(stderr, "ringhold-raft-node: --number must be one of the addresses, from 1\n");
    return 2;
  }
  prepare_process();
  const auto tls = TlsContext::load({options.certificates + "/server.crt",
                                     options.certificates + "/server.key", options.certificates + "/ca.crt"});
  if (!tls) {
    fmt::print(stderr, "ringhold-raft-node: {}\n", tls.error().message);
    return 1;
  }
  Reactor reactor(std::make_shared<ProcessResources>(), *tls);
  Node node(reactor, options);
  node.start();
  reactor.loop().run();
  return node.failed() ? 1 : 0;
}

}  // namespace
}  // namespace ringhold

int main(int argc, char** argv) {
  return ringhold::run(argc, argv);
}
