// Files that change under a running process.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "common/net/certificate_reloader.h"
#include "tests/unit/net/test_world.h"

using namespace ringhold;
using namespace ringhold::test;
using std::chrono::milliseconds;

namespace {

struct Watched {
  explicit Watched(const std::string& name = "servers.json") : path(dir.path(name)) {
    dir.write(name, "one");
    auto made = world.world.disk.watch_file(path, [this] { ++changes; });
    REQUIRE(made.ok());
    watch = std::move(*made);
    world.run_for(milliseconds(30));
    changes = 0;
  }
  bool noticed() {
    const bool seen = world.run_until([this] { return changes > 0; }, milliseconds(5000));
    world.run_for(milliseconds(30));
    changes = 0;
    return seen;
  }

  TempDir dir;
  TestWorld world;
  std::string path;
  int changes = 0;
  std::unique_ptr<FileWatch> watch;
};

}  // namespace

TEST_CASE("watch: writing, replacing, deleting and creating again are noticed") {
  Watched w;
  for (int round = 0; round < 2; ++round) {
    w.dir.write("servers.json", "two");
    CHECK(w.noticed());
    w.dir.write("servers.json.tmp", "three");
    std::filesystem::rename(w.dir.path("servers.json.tmp"), w.path);
    CHECK(w.noticed());
    std::filesystem::remove(w.path);
    CHECK(w.noticed());
    w.dir.write("servers.json", "four");
    CHECK(w.noticed());
  }
}

TEST_CASE("watch: a neighbour's changes are not ours") {
  Watched w;
  w.dir.write("other.json", "x");
  w.world.run_for(milliseconds(50));
  CHECK(w.changes == 0);
}

TEST_CASE("watch: the directory may go and come back") {
  Watched w;
  const std::string sub = w.dir.path("conf");
  std::filesystem::create_directory(sub);
  const std::string path = sub + "/servers.json";
  {
    std::FILE* file = std::fopen(path.c_str(), "w");
    std::fclose(file);
  }
  int changes = 0;
  auto watch = w.world.world.disk.watch_file(path, [&] { ++changes; });
  REQUIRE(watch.ok());
  w.world.run_for(milliseconds(1200));  // the poll has seen the file once
  std::filesystem::remove_all(sub);
  REQUIRE(w.world.run_until([&] { return changes > 0; }));
  w.world.run_for(milliseconds(1200));
  std::filesystem::create_directory(sub);
  changes = 0;
  {
    std::FILE* file = std::fopen(path.c_str(), "w");
    std::fputs("back", file);
    std::fclose(file);
  }
  REQUIRE(w.world.run_until([&] { return changes > 0; }));
  // From here the new directory is watched.
  w.world.run_for(milliseconds(50));
  changes = 0;
  {
    std::FILE* file = std::fopen(path.c_str(), "w");
    std::fputs("again", file);
    std::fclose(file);
  }
  REQUIRE(w.world.run_until([&] { return changes > 0; }, milliseconds(500)));
}

TEST_CASE("watch: it ends with its object, also inside its own callback") {
  Watched w;
  int calls = 0;
  std::unique_ptr<FileWatch> own;
  auto made = w.world.world.disk.watch_file(w.path, [&] {
    ++calls;
    own.reset();
  });
  own = std::move(*made);
  w.dir.write("servers.json", "two");
  REQUIRE(w.world.run_until([&] { return calls > 0; }));
  w.dir.write("servers.json", "three");
  w.world.run_for(milliseconds(50));
  CHECK(calls == 1);
}

TEST_CASE("disk: reading says what is wrong") {
  TestWorld world;
  TempDir dir;
  dir.write("f", "content");
  CHECK(*world.world.disk.read_file(dir.path("f"), 100) == "content");
  CHECK(world.world.disk.read_file(dir.path("g"), 100).error().message == dir.path("g") + " does not exist");
  CHECK(world.world.disk.read_file(dir.path("f"), 3).error().message.find("is larger than 3 bytes") !=
        std::string::npos);
  CHECK(world.world.disk.read_file(dir.path(""), 3).error().message.find("not a regular file") !=
        std::string::npos);
}

namespace {

struct Reloading {
  Reloading() {
    write(authority.issue({.common_name = "first", .unit = "node"}), authority.pem());
    auto context = TlsContext::load(options);
    REQUIRE(context.ok());
    reactor = std::make_unique<Reactor>(std::make_shared<ProcessResources>(), *context);
    reloader =
        std::make_unique<CertificateReloader>(reactor->world(), options, *context, [this](TlsContextPtr now) {
          ++reloads;
          reactor->network().use(std::move(now));
        });
    server = std::make_unique<TestServer>(reactor->world());
  }
  void write(const PemPair& identity, const std::string& ca) const {
    dir.write("s.crt", identity.cert);
    dir.write("s.key", identity.key);
    dir.write("ca.crt", ca);
  }
  bool run_until(const std::function<bool()>& done, int limit_ms = 5000) {
    const MonoTime end = reactor->loop().now() + milliseconds(limit_ms);
    const auto tick = reactor->loop().make_timer([] {});
    while (!done() && reactor->loop().now() < end) {
      tick->start(milliseconds(20));
      reactor->loop().run_once();
    }
    return done();
  }
  std::unique_ptr<TestPeer> connect() {
    auto client = std::make_unique<TestPeer>();
    client->stream = reactor->world().network.connect(server->address(), Protocol::kRedis, *client);
    run_until([&] { return client->connected || client->closed; });
    return client;
  }

  TempDir dir;
  TestAuthority authority;
  TlsOptions options{dir.path("s.crt"), dir.path("s.key"), dir.path("ca.crt")};
  std::unique_ptr<Reactor> reactor;
  std::unique_ptr<CertificateReloader> reloader;
  std::unique_ptr<TestServer> server;
  int reloads = 0;
};

}  // namespace

TEST_CASE("reload: new connections get the new certificate, old ones live on") {
  Reloading r;
  const auto before = r.connect();
  REQUIRE(before->connected);
  CHECK(before->stream->peer().common_name == "first");
  r.write(r.authority.issue({.common_name = "second", .unit = "node"}), r.authority.pem());
  REQUIRE(r.run_until([&] { return r.reloads > 0; }));
  const auto after = r.connect();
  REQUIRE(after->connected);
  CHECK(after->stream->peer().common_name == "second");
  before->send("alive");
  CHECK(r.run_until([&] { return r.server->peers[0]->received == "alive"; }));
}

TEST_CASE("reload: files that do not load, or have not changed, change nothing") {
  Reloading r;
  r.dir.write("s.key", r.authority.issue({}).key);  // belongs to another certificate
  CHECK_FALSE(r.run_until([&] { return r.reloads > 0; }, 400));
  CHECK(r.connect()->connected);
  ::unlink(r.dir.path("s.crt").c_str());
  CHECK_FALSE(r.run_until([&] { return r.reloads > 0; }, 400));
  CHECK(r.connect()->connected);
  r.write(r.authority.issue({.common_name = "second", .unit = "node"}), r.authority.pem());
  CHECK(r.run_until([&] { return r.reloads == 1; }));
  r.reloader->reload();
  CHECK(r.reloads == 1);
}

TEST_CASE("reload: what a client got under the old CA does not let a server in under the new one") {
  const TestAuthority authority;
  const TestAuthority other("other CA");
  const PemPair identity = authority.issue({.common_name = "node-1", .unit = "node"});
  TestWorld world(authority, make_context(identity, authority.pem()));
  TestServer server(world.world);
  server.on_peer = [](TestPeer& peer) { peer.send("hello"); };
  Reactor client_side(std::make_shared<ProcessResources>(), make_context(identity, authority.pem()));
  const auto attempt = [&] {
    TestPeer client;
    client.stream = client_side.world().network.connect(server.address(), Protocol::kRedis, client);
    const auto tick = client_side.loop().make_timer([] {});
    CHECK(world.run_until([&] {
      tick->start(milliseconds(1));
      client_side.loop().run_once();
      return client.received == "hello" || client.closed;
    }));
    return client.received == "hello";
  };
  CHECK(attempt());
  CHECK(attempt());
  client_side.network().use(make_context(identity, other.pem()));
  CHECK_FALSE(attempt());
}

TEST_CASE("reload: a replaced CA holds for new connections, sessions from before included") {
  Reloading r;
  r.server->on_peer = [](TestPeer& peer) { peer.send("hello"); };
  const auto before = r.connect();
  REQUIRE(r.run_until([&] { return before->received == "hello"; }));  // the ticket came before that
  const TestAuthority other("other CA");
  // Serves with a certificate of the old CA and trusts only the new one; its own ticket must not let it in.
  r.write(r.authority.issue({.common_name = "first", .unit = "node"}), other.pem());
  REQUIRE(r.run_until([&] { return r.reloads > 0; }));
  const auto after = r.connect();
  CHECK_FALSE(after->connected);
  CHECK(after->why.find("signed by a CA that --ca does not list") != std::string::npos);
  CHECK_FALSE(before->closed);
}
