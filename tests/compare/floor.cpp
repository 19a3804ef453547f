// The floor: what TLS and the kernel cost alone. An epoll loop and OpenSSL, one thread; it parses nothing and
// keeps nothing. It counts bytes: after every REQUEST_BYTES of a connection it owes one reply, always the
// same. A key-value server cannot cost less than this.
//
// One exception: redis-benchmark begins with two CONFIG GET on a connection of their own, and wants an answer
// to them.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

namespace {

constexpr size_t kReadBytes = 64 * 1024;
constexpr size_t kWriteBytes = 16 * 1024;  // a TLS record

struct Settings {
  size_t request_bytes;
  std::string reply;
  std::string replies;  // the reply again and again, at least kWriteBytes from any place of the first one
};

struct Connection {
  int descriptor;
  SSL* ssl;
  size_t bytes_pending = 0;  // of a request that is not complete
  size_t bytes_owed = 0;
  size_t reply_offset = 0;  // where in a reply the last write ended
  bool begun = false;
  bool waits_to_write = false;
};

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "floor: %s\n", what);
  std::exit(1);
}

std::string make_reply(const char* value_bytes) {
  if (std::strcmp(value_bytes, "ok") == 0) {
    return "+OK\r\n";
  }
  if (std::strcmp(value_bytes, "nil") == 0) {
    return "$-1\r\n";
  }
  const size_t bytes = std::strtoul(value_bytes, nullptr, 10);
  return "$" + std::to_string(bytes) + "\r\n" + std::string(bytes, 'x') + "\r\n";
}

SSL_CTX* make_context(const char* cert, const char* key, const char* ca) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);   // a record's head and body in one read
  SSL_CTX_set_num_tickets(context, 1);  // a client needs no more
  const unsigned char id[] = "floor";
  SSL_CTX_set_session_id_context(context, id, sizeof id - 1);
  if (SSL_CTX_use_certificate_chain_file(context, cert) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_load_verify_locations(context, ca, nullptr) != 1) {
    fail("cannot read its certificate, key or CA");
  }
  SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(ca));
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return context;
}

int make_listener(int port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, 4096) != 0) {
    fail("cannot listen on that port");
  }
  return listener;
}

class Floor {
 public:
  Floor(SSL_CTX* context, int listener, Settings settings)
      : context_(context), listener_(listener), settings_(std::move(settings)), epoll_(epoll_create1(0)) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = nullptr;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
  }

  [[noreturn]] void run() {
    epoll_event events[1024];
    while (true) {
      const int count = epoll_wait(epoll_, events, 1024, -1);
      for (int i = 0; i < count; ++i) {
        if (auto* connection = static_cast<Connection*>(events[i].data.ptr)) {
          if (!serve(*connection)) {
            close(connection);
          }
        } else {
          accept_all();
        }
      }
    }
  }

 private:
  void accept_all() {
    int descriptor = -1;
    while ((descriptor = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK)) >= 0) {
      const int on = 1;
      setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      auto* connection = new Connection{descriptor, SSL_new(context_)};
      SSL_set_fd(connection->ssl, descriptor);
      SSL_set_accept_state(connection->ssl);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = connection;
      epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
    }
  }

  // False: the connection is over.
  bool serve(Connection& connection) {
    while (true) {
      const int bytes = SSL_read(connection.ssl, buffer_, kReadBytes);
      if (bytes <= 0) {
        const int error = SSL_get_error(connection.ssl, bytes);
        return (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) && write(connection);
      }
      if (!std::exchange(connection.begun, true) && asks_for_settings(static_cast<size_t>(bytes))) {
        static const char refusal[] = "-ERR none\r\n-ERR none\r\n";
        return SSL_write(connection.ssl, refusal, sizeof refusal - 1) > 0;
      }
      connection.bytes_pending += static_cast<size_t>(bytes);
      connection.bytes_owed += connection.bytes_pending / settings_.request_bytes * settings_.reply.size();
      connection.bytes_pending %= settings_.request_bytes;
      // Less than a record: there is no more, and the kernel need not be asked again.
      if (bytes < static_cast<int>(kWriteBytes) && SSL_has_pending(connection.ssl) == 0) {
        return write(connection);
      }
    }
  }

  bool asks_for_settings(size_t bytes) const {
    static const char beginning[] = "*3\r\n$6\r\nCONFIG\r\n";
    return bytes >= sizeof beginning - 1 && std::memcmp(buffer_, beginning, sizeof beginning - 1) == 0;
  }

  bool write(Connection& connection) {
    while (connection.bytes_owed > 0) {
      const size_t bytes = std::min(connection.bytes_owed, kWriteBytes);
      const int written = SSL_write(connection.ssl, settings_.replies.data() + connection.reply_offset,
                                    static_cast<int>(bytes));
      if (written <= 0) {
        return SSL_get_error(connection.ssl, written) == SSL_ERROR_WANT_WRITE &&
               wait_to_write(connection, true);
      }
      connection.bytes_owed -= static_cast<size_t>(written);
      connection.reply_offset =
          (connection.reply_offset + static_cast<size_t>(written)) % settings_.reply.size();
    }
    return wait_to_write(connection, false);
  }

  bool wait_to_write(Connection& connection, bool wanted) {
    if (connection.waits_to_write != wanted) {
      connection.waits_to_write = wanted;
      epoll_event event{};
      event.events = wanted ? EPOLLIN | EPOLLOUT : EPOLLIN;
      event.data.ptr = &connection;
      epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.descriptor, &event);
    }
    return true;
  }

  static void close(Connection* connection) {
    SSL_free(connection->ssl);
    ::close(connection->descriptor);
    delete connection;
  }

  SSL_CTX* context_;
  int listener_;
  Settings settings_;
  int epoll_;
  char buffer_[kReadBytes];
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) {
    std::fprintf(stderr, "usage: floor PORT CERT KEY CA REQUEST_BYTES VALUE_BYTES|ok|nil\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  Settings settings{std::strtoul(argv[5], nullptr, 10), make_reply(argv[6]), ""};
  if (settings.request_bytes == 0) {
    fail("REQUEST_BYTES must be at least 1");
  }
  while (settings.replies.size() < settings.reply.size() + kWriteBytes) {
    settings.replies += settings.reply;
  }
  static Floor floor(make_context(argv[2], argv[3], argv[4]), make_listener(std::atoi(argv[1])),
                     std::move(settings));
  std::printf("ready addr=127.0.0.1:%s\n", argv[1]);
  std::fflush(stdout);
  floor.run();
}
