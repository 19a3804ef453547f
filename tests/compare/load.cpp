// A small load generator for what redis-benchmark does not speak: memcached's text protocol over TLS. In the
// rows with memcached all systems are loaded by it, the others in RESP, so that the two sides of each ratio
// are measured alike.
//
// Connections send DEPTH requests in one write and wait for all the replies before the next ones. All keys
// exist and all values have one size, so a reply's length is known: replies are counted by their bytes, and
// each one's first byte is checked.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kReadBytes = 64 * 1024;

struct Plan {
  bool memcached;
  bool writes;
  int port;
  size_t connections;
  size_t depth;
  size_t batches;  // in all
  size_t keys;
  size_t value_bytes;
};

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "load: %s\n", what.c_str());
  std::exit(1);
}

std::string bulk(const std::string& text) {
  return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

std::string key_name(size_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "key:%012zu", number);
  return text;
}

std::string make_request(const Plan& plan, const std::string& key) {
  const std::string value(plan.writes ? plan.value_bytes : 0, 'x');
  if (plan.memcached) {
    return plan.writes ? "set " + key + " 0 0 " + std::to_string(value.size()) + "\r\n" + value + "\r\n"
                       : "get " + key + "\r\n";
  }
  return plan.writes ? "*3\r\n" + bulk("SET") + bulk(key) + bulk(value) : "*2\r\n" + bulk("GET") + bulk(key);
}

std::string expected_reply(const Plan& plan) {
  if (plan.writes) {
    return plan.memcached ? "STORED\r\n" : "+OK\r\n";
  }
  const std::string value(plan.value_bytes, 'x');
  if (plan.memcached) {
    return "VALUE " + key_name(0) + " 0 " + std::to_string(value.size()) + "\r\n" + value + "\r\nEND\r\n";
  }
  return bulk(value);
}

struct Connection {
  int descriptor = -1;
  SSL* ssl = nullptr;
  size_t reply_bytes = 0;  // come so far, of the batch
  Clock::time_point sent;
};

class Load {
 public:
  Load(const Plan& plan, SSL_CTX* context)
      : plan_(plan), epoll_(epoll_create1(0)), reply_(expected_reply(plan)) {
    for (size_t i = 0; i < plan.connections; ++i) {
      connections_.push_back(connect(context));
    }
    latencies_.reserve(plan.batches);
  }

  void run() {
    const auto started = Clock::now();
    for (auto& connection : connections_) {
      send(*connection);
    }
    epoll_event events[256];
    while (latencies_.size() < plan_.batches) {
      const int count = epoll_wait(epoll_, events, 256, 30'000);
      if (count == 0) {
        fail("no reply within 30 s");
      }
      for (int i = 0; i < count; ++i) {
        receive(*static_cast<Connection*>(events[i].data.ptr));
      }
    }
    report(std::chrono::duration<double>(Clock::now() - started).count());
  }

 private:
  std::unique_ptr<Connection> connect(SSL_CTX* context) const {
    auto connection = std::make_unique<Connection>();
    connection->descriptor = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(plan_.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(connection->descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      fail("cannot connect to port " + std::to_string(plan_.port));
    }
    connection->ssl = SSL_new(context);
    SSL_set_fd(connection->ssl, connection->descriptor);
    if (SSL_connect(connection->ssl) != 1) {
      fail("the TLS handshake failed");
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = connection.get();
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection->descriptor, &event);
    return connection;
  }

  void send(Connection& connection) {
    if (batches_sent_ == plan_.batches) {
      return;
    }
    ++batches_sent_;
    request_.clear();
    for (size_t i = 0; i < plan_.depth; ++i) {
      request_ += make_request(plan_, key_name(random_() % plan_.keys));
    }
    connection.sent = Clock::now();
    connection.reply_bytes = 0;
    // The sockets block; a batch (64 values of 4 KB at most) fits into the socket's buffers, so nobody waits
    // for nobody.
    if (SSL_write(connection.ssl, request_.data(), static_cast<int>(request_.size())) <= 0) {
      fail("the server closed a connection");
    }
  }

  void receive(Connection& connection) {
    do {
      const int bytes = SSL_read(connection.ssl, buffer_, kReadBytes);
      if (bytes <= 0) {
        fail("the server closed a connection");
      }
      check(connection.reply_bytes, static_cast<size_t>(bytes));
      connection.reply_bytes += static_cast<size_t>(bytes);
    } while (SSL_pending(connection.ssl) > 0);
    const size_t expected = plan_.depth * reply_.size();
    if (connection.reply_bytes > expected) {
      fail("more came back than was asked for");
    }
    if (connection.reply_bytes == expected) {
      latencies_.push_back(std::chrono::duration<double, std::milli>(Clock::now() - connection.sent).count());
      send(connection);
    }
  }

  // An error reply must not pass for a fast success.
  void check(size_t offset, size_t bytes) const {
    const size_t size = reply_.size();
    for (size_t at = (size - offset % size) % size; at < bytes; at += size) {
      if (buffer_[at] != reply_[0]) {
        fail("an unexpected reply: " + std::string(buffer_ + at, std::min<size_t>(bytes - at, 60)));
      }
    }
  }

  void report(double seconds) {
    std::sort(latencies_.begin(), latencies_.end());
    const auto percentile = [this](double share) {
      return latencies_[std::min(latencies_.size() - 1,
                                 static_cast<size_t>(share * static_cast<double>(latencies_.size())))];
    };
    std::printf("{\"rps\": %.1f, \"p50_ms\": %.3f, \"p99_ms\": %.3f}\n",
                static_cast<double>(plan_.batches * plan_.depth) / seconds, percentile(0.5),
                percentile(0.99));
  }

  Plan plan_;
  int epoll_;
  std::string reply_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<double> latencies_;
  size_t batches_sent_ = 0;
  std::string request_;
  std::minstd_rand random_{1};
  char buffer_[kReadBytes];
};

SSL_CTX* make_context(const char* cert, const char* key, const char* ca) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_AUTO_RETRY);
  if (SSL_CTX_use_certificate_chain_file(context, cert) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_load_verify_locations(context, ca, nullptr) != 1) {
    fail("cannot use this certificate, key or CA");
  }
  return context;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 12) {
    std::fprintf(stderr,
                 "usage: load resp|memcached set|get PORT CONNECTIONS DEPTH REQUESTS KEYS VALUE_BYTES CERT "
                 "KEY CA\n");
    return 2;
  }
  const auto number = [argv](int index) { return std::strtoul(argv[index], nullptr, 10); };
  const size_t depth = std::max(1UL, number(5));
  const Plan plan{.memcached = std::string(argv[1]) == "memcached",
                  .writes = std::string(argv[2]) == "set",
                  .port = std::atoi(argv[3]),
                  .connections = number(4),
                  .depth = depth,
                  .batches = std::max(1UL, number(6) / depth),
                  .keys = std::max(1UL, number(7)),
                  .value_bytes = number(8)};
  Load(plan, make_context(argv[9], argv[10], argv[11])).run();
}
