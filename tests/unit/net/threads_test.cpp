// Two loops on two threads, as in the proxy. Worth most under the thread sanitizer.
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tests/unit/net/test_world.h"

using namespace ringhold;
using namespace ringhold::test;
using std::chrono::milliseconds;

namespace {

// Answers whatever comes with the same bytes.
struct Echo : StreamHandler {
  void on_input() override {
    stream->output().append(stream->input().view());
    stream->input().consume(stream->input().size());
    stream->flush();
  }
  void on_closed(const Error& /*why*/) override {}
  std::unique_ptr<Stream> stream;
};

struct EchoServer : AcceptHandler {
  void on_accept(std::unique_ptr<Stream> stream) override {
    peers.push_back(std::make_unique<Echo>());
    peers.back()->stream = std::move(stream);
    peers.back()->stream->set_handler(peers.back().get());
  }
  std::vector<std::unique_ptr<Echo>> peers;
};

}  // namespace

TEST_CASE("threads: two workers share a port, contexts are replaced while clients come and go") {
  const TestAuthority authority;
  const auto new_context = [&] { return make_context(authority, {.common_name = "node-1", .unit = "node"}); };
  const auto resources = std::make_shared<ProcessResources>();
  std::vector<std::unique_ptr<Reactor>> workers;
  std::vector<EchoServer> servers(2);
  std::vector<std::unique_ptr<Listener>> listeners;
  Address address{"127.0.0.1", 0};
  const auto first = new_context();
  for (auto& server : servers) {
    workers.push_back(std::make_unique<Reactor>(resources, first));
    auto listener = workers.back()->world().network.listen(address, {1000, 1000, true}, server);
    REQUIRE(listener.ok());
    address = (*listener)->address();
    listeners.push_back(std::move(*listener));
  }
  std::vector<std::thread> threads;
  threads.reserve(workers.size());
  for (const auto& worker : workers) {
    threads.emplace_back([&loop = worker->loop()] { loop.run(); });
  }

  Reactor control(resources, first);
  for (int round = 0; round < 10; ++round) {
    std::vector<std::unique_ptr<TestPeer>> clients;
    for (int i = 0; i < 4; ++i) {
      clients.push_back(std::make_unique<TestPeer>());
      clients.back()->stream = control.world().network.connect(address, Protocol::kPeer, *clients.back());
      clients.back()->send(std::string(100000, 'x'));
    }
    const auto context = new_context();
    for (const auto& worker : workers) {
      worker->loop().post([&network = worker->network(), context] { network.use(context); });
    }
    const MonoTime end = control.loop().now() + std::chrono::seconds(20);
    const auto tick = control.loop().make_timer([] {});
    const auto all_back = [&] {
      for (const auto& client : clients) {
        if (client->received.size() < 100000) return false;
      }
      return true;
    };
    while (!all_back() && control.loop().now() < end) {
      tick->start(milliseconds(20));
      control.loop().run_once();
    }
    REQUIRE(all_back());
    control.network().use(context);
  }

  for (const auto& worker : workers) {
    worker->loop().post([&loop = worker->loop()] { loop.stop(); });
  }
  for (std::thread& thread : threads) thread.join();
  listeners.clear();
  servers.clear();
  CHECK(resources->buffered() == 0);
}
