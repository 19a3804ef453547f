// Two TLS sessions against each other in memory.
#include "common/net/tls_session.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/net/test_certificates.h"

using namespace ringhold;
using namespace ringhold::test;
using Status = TlsSession::Status;

namespace {

const TestAuthority& authority() {
  static const TestAuthority made;
  return made;
}

const PemPair& node_identity() {
  static const PemPair made = authority().issue({.common_name = "node-1", .unit = "node"});
  return made;
}

TlsContextPtr node_context(ClientAuth client_auth = ClientAuth::kRequired) {
  return make_context(node_identity(), authority().pem(), client_auth);
}

// A client and a server, and what is on its way between them.
struct Pair {
  Pair(const TlsContextPtr& server_context, const TlsContextPtr& client_context, const TlsTarget& target)
      : server(TlsSession::accept(*server_context)), client(TlsSession::connect(*client_context, target)) {}

  // Moves bytes until both are done or neither has anything to say; `step` bytes at a time.
  void shake(std::size_t step = 1 << 20) {
    client_status = client->handshake(to_server);
    for (int round = 0; round < 20000 && (!to_server.empty() || !to_client.empty()); ++round) {
      deliver(*server, to_server, server_status, server_plain, to_client, step);
      deliver(*client, to_client, client_status, client_plain, to_server, step);
    }
  }

  static void deliver(TlsSession& session, ByteBuffer& from, Status& status, ByteBuffer& plain,
                      ByteBuffer& to, std::size_t step) {
    while (!from.empty() && status != Status::kFailed) {
      const std::string bytes(from.view().substr(0, step));
      from.consume(bytes.size());
      session.feed(bytes);
      if (status == Status::kMore) status = session.handshake(to);
      if (status == Status::kOk) status = session.read(plain, to);
    }
    if (status == Status::kFailed) from.clear();
  }

  std::string why() const {
    if (server_status == Status::kFailed) return "server: " + server->failure().message;
    if (client_status == Status::kFailed) return "client: " + client->failure().message;
    return "";
  }

  std::unique_ptr<TlsSession> server;
  std::unique_ptr<TlsSession> client;
  ByteBuffer to_server, to_client, server_plain, client_plain;
  Status server_status = Status::kMore;
  Status client_status = Status::kMore;
};

const TlsTarget kLocal{"localhost", Protocol::kRedis, nullptr};
const TlsTarget kLocalPeer{"127.0.0.1", Protocol::kPeer, nullptr};

}  // namespace

TEST_CASE("tls: a handshake, then bytes both ways, whole or byte by byte") {
  const auto context = node_context();
  for (const std::size_t step : {std::size_t{1} << 20, std::size_t{1}, std::size_t{7}}) {
    for (const bool old : {false, true}) {
      if (old) SSL_CTX_set_max_proto_version(context->client(), TLS1_2_VERSION);
      Pair pair(context, context, kLocal);
      pair.shake(step);
      REQUIRE_MESSAGE(pair.server_status == Status::kOk, pair.why());
      REQUIRE(pair.client_status == Status::kOk);
      CHECK(pair.client->version() == (old ? "TLSv1.2" : "TLSv1.3"));

      const std::string request(100000, 'q');
      REQUIRE(pair.client->write(request, pair.to_server) == Status::kOk);
      Pair::deliver(*pair.server, pair.to_server, pair.server_status, pair.server_plain, pair.to_client,
                    step);
      CHECK(pair.server_plain.view() == request);
      REQUIRE(pair.server->write("reply", pair.to_client) == Status::kOk);
      Pair::deliver(*pair.client, pair.to_client, pair.client_status, pair.client_plain, pair.to_server,
                    step);
      CHECK(pair.client_plain.view() == "reply");

      pair.server->goodbye(pair.to_client);
      Pair::deliver(*pair.client, pair.to_client, pair.client_status, pair.client_plain, pair.to_server,
                    step);
      CHECK(pair.client_status == Status::kGoodbye);
      SSL_CTX_set_max_proto_version(context->client(), 0);
    }
  }
}

TEST_CASE("tls: plaintext that comes with the last handshake message is not lost") {
  const auto context = node_context();
  Pair pair(context, context, kLocal);
  pair.client_status = pair.client->handshake(pair.to_server);
  Pair::deliver(*pair.server, pair.to_server, pair.server_status, pair.server_plain, pair.to_client, 1 << 20);
  Pair::deliver(*pair.client, pair.to_client, pair.client_status, pair.client_plain, pair.to_server, 1 << 20);
  REQUIRE(pair.client_status == Status::kOk);
  REQUIRE(pair.client->write("PING", pair.to_server) == Status::kOk);
  Pair::deliver(*pair.server, pair.to_server, pair.server_status, pair.server_plain, pair.to_client, 1 << 20);
  CHECK(pair.server_plain.view() == "PING");
}

TEST_CASE("tls: one write is one run of full records") {
  const auto context = node_context();
  Pair pair(context, context, kLocal);
  pair.shake();
  REQUIRE(pair.server->write(std::string(65536, 'x'), pair.to_client) == Status::kOk);
  // 4 records of 16 KiB, each with 5 bytes of header, a type byte and a tag of 16.
  CHECK(pair.to_client.size() == std::size_t{4} * (16 * 1024 + 5 + 1 + 16));
}

TEST_CASE("tls: ALPN decides the protocol") {
  const auto context = node_context();
  SUBCASE("redis") {
    Pair pair(context, context, kLocal);
    pair.shake();
    CHECK(pair.server->peer().protocol == Protocol::kRedis);
  }
  SUBCASE("peer") {
    Pair pair(context, context, kLocalPeer);
    pair.shake();
    CHECK(pair.server->peer().protocol == Protocol::kPeer);
    CHECK(pair.client->peer().protocol == Protocol::kPeer);
  }
  SUBCASE("http") {
    Pair pair(context, context, {"localhost", Protocol::kHttp, nullptr});
    pair.shake();
    CHECK(pair.server->peer().protocol == Protocol::kHttp);
    CHECK(pair.client->peer().protocol == Protocol::kHttp);
  }
  SUBCASE("none of ours: refused with an alert that the client understands") {
    SSL_CTX_set_alpn_select_cb(
        context->server(), [](auto...) { return SSL_TLSEXT_ERR_ALERT_FATAL; }, nullptr);
    Pair pair(context, context, {"localhost", Protocol::kHttp, nullptr});
    pair.shake();
    CHECK(pair.server_status == Status::kFailed);
    CHECK(pair.server->failure().message.find("ALPN") != std::string::npos);
    CHECK(pair.client->failure().message == "the peer does not speak the protocol that we offered");
  }
  SUBCASE("a server that knows no ALPN is no peer") {
    SSL_CTX_set_alpn_select_cb(context->server(), nullptr, nullptr);
    Pair pair(context, context, kLocalPeer);
    pair.shake();
    CHECK(pair.why() == "client: the peer does not speak ringhold-peer/1");
    Pair redis(context, context, kLocal);
    redis.shake();
    CHECK(redis.client_status == Status::kOk);
  }
}

TEST_CASE("tls: the certificate's OU gives the role, its CN the name") {
  const auto server = node_context();
  const auto role_with = [&](const CertificateSpec& spec) {
    Pair pair(server, make_context(authority(), spec), kLocal);
    pair.shake();
    REQUIRE_MESSAGE(pair.server_status == Status::kOk, pair.why());
    return pair.server->peer();
  };
  CHECK(role_with({.unit = "node"}).role == Role::kNode);
  CHECK(role_with({.unit = "admin"}).role == Role::kAdmin);
  CHECK(role_with({.unit = "client"}).role == Role::kClient);
  CHECK(role_with({.unit = ""}).role == Role::kClient);
  CHECK(role_with({.unit = "nodes"}).role == Role::kClient);
  CHECK(role_with({.unit = "Admin"}).role == Role::kClient);
  const PeerInfo info = role_with({.common_name = "evil\nname"});
  CHECK(info.has_certificate);
  CHECK(info.common_name == "evil\\x0aname");
}

TEST_CASE("tls: a client without a certificate") {
  const auto anonymous = make_anonymous_context(authority().pem());
  SUBCASE("is refused where one is required") {
    Pair pair(node_context(), anonymous, kLocal);
    pair.shake();
    CHECK(pair.server->failure().message == "the peer showed no certificate, and --client-auth is required");
    CHECK(pair.client->failure().message == "the peer wants a certificate, and we showed none");
  }
  SUBCASE("is let in without a role where it is optional") {
    Pair pair(node_context(ClientAuth::kOptional), anonymous, kLocal);
    pair.shake();
    REQUIRE(pair.server_status == Status::kOk);
    CHECK_FALSE(pair.server->peer().has_certificate);
    CHECK(pair.server->peer().role == Role::kNone);
  }
  SUBCASE("cannot serve") {
    CHECK(anonymous->server() == nullptr);
  }
}

TEST_CASE("tls: certificates that are refused, and why") {
  const TestAuthority foreign("foreign CA");
  const auto server = node_context();
  const auto server_says = [&](const TlsContextPtr& client, const TlsContextPtr& serving) {
    Pair pair(serving, client, kLocal);
    pair.shake();
    return pair.why();
  };
  SUBCASE("a client's by a foreign CA, also where certificates are optional") {
    const auto client = make_context(foreign.issue({.common_name = "mallory"}), authority().pem());
    for (const ClientAuth mode : {ClientAuth::kRequired, ClientAuth::kOptional}) {
      CHECK(server_says(client, node_context(mode)) ==
            "server: the peer's certificate (CN=mallory) is signed by a CA that --ca does not list");
    }
  }
  SUBCASE("a client's that has expired") {
    // An expired one cannot be loaded as one's own, so it expires once it is loaded.
    const auto client = make_context(authority(), {.common_name = "late", .ends_in = 1});
    std::this_thread::sleep_for(std::chrono::milliseconds(2100));
    CHECK(server_says(client, server) == "server: the peer's certificate (CN=late) has expired");
  }
  SUBCASE("a client's that is for servers only") {
    const auto client = make_context(authority(), {.common_name = "web", .extended_use = "serverAuth"});
    CHECK(server_says(client, server) ==
          "server: the peer's certificate (CN=web) is not made for this use (extendedKeyUsage)");
  }
  SUBCASE("a server's by a foreign CA") {
    const auto client = make_context(authority().issue({}), foreign.pem());
    Pair pair(server, client, kLocal);
    pair.shake();
    CHECK(pair.client->failure().message ==
          "the peer's certificate (CN=node-1) is signed by a CA that --ca does not list");
    CHECK(pair.server->failure().message ==
          "the peer refused our certificate: it does not know the CA that signed it");
  }
  SUBCASE("a server's for another name or address") {
    for (const char* host : {"example.org", "127.0.0.2", "::2"}) {
      Pair pair(server, server, {host, Protocol::kRedis, nullptr});
      pair.shake();
      CHECK(pair.client->failure().message ==
            "the peer's certificate (CN=node-1) is for other names than the one connected to (its "
            "subjectAltName lacks it)");
    }
  }
  SUBCASE("its CN is no substitute for a subjectAltName") {
    const auto by_name =
        make_context(authority(), {.common_name = "localhost", .unit = "node", .alt_names = ""});
    Pair pair(by_name, server, kLocal);
    pair.shake();
    CHECK(pair.client_status == Status::kFailed);
  }
}

TEST_CASE("tls: what is not TLS is called so") {
  const auto context = node_context();
  for (const char* bytes : {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "*1\r\n$4\r\nPING\r\n",
                            "PING\r\nPING\r\nPING\r\n", "CONNECT a:1 HTTP/1.1\r\n\r\n"}) {
    const auto session = TlsSession::accept(*context);
    ByteBuffer cipher;
    session->feed(bytes);
    REQUIRE(session->handshake(cipher) == Status::kFailed);
    CHECK(session->failure().message == "the peer did not speak TLS");
  }
}

TEST_CASE("tls: versions before 1.2 are refused") {
  const auto server = node_context();
  const auto client = node_context();
  SSL_CTX_set_security_level(client->client(), 0);
  SSL_CTX_set_cipher_list(client->client(), "ALL:@SECLEVEL=0");
  SSL_CTX_set_min_proto_version(client->client(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(client->client(), TLS1_1_VERSION);
  Pair pair(server, client, kLocal);
  pair.shake();
  CHECK(pair.why() == "server: the peer offers no version of TLS from 1.2 on");
}

TEST_CASE("tls: garbage inside an open session ends it") {
  const auto context = node_context();
  Pair pair(context, context, kLocal);
  pair.shake();
  pair.to_server.append(std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x'));
  Pair::deliver(*pair.server, pair.to_server, pair.server_status, pair.server_plain, pair.to_client, 1 << 20);
  CHECK(pair.server_status == Status::kFailed);
  CHECK_FALSE(pair.to_client.empty());  // the alert
}

namespace {

// Connects, and gives the ticket that the server sent.
TlsTicket ticket_from(const TlsContextPtr& server, const TlsContextPtr& client) {
  Pair pair(server, client, kLocal);
  pair.shake();
  REQUIRE_MESSAGE(pair.server_status == Status::kOk, pair.why());
  CHECK_FALSE(pair.server->resumed());
  TlsTicket ticket = pair.client->take_ticket();
  REQUIRE(ticket);
  return ticket;
}

}  // namespace

TEST_CASE("tls: sessions are resumed, with the role that they had") {
  const auto server = node_context();
  const auto client = make_context(authority(), {.common_name = "root", .unit = "admin"});
  for (const bool old : {false, true}) {
    if (old) SSL_CTX_set_max_proto_version(client->client(), TLS1_2_VERSION);
    TlsTicket ticket = ticket_from(server, client);
    for (int i = 0; i < 2; ++i) {
      Pair pair(server, client, {"localhost", Protocol::kRedis, ticket.get()});
      pair.shake();
      REQUIRE_MESSAGE(pair.server_status == Status::kOk, pair.why());
      CHECK(pair.server->resumed());
      CHECK(pair.server->peer().role == Role::kAdmin);
      CHECK(pair.server->peer().common_name == "root");
      if (TlsTicket newer = pair.client->take_ticket()) ticket = std::move(newer);
    }
  }
}

TEST_CASE("tls: a session of another context is not resumed") {
  const auto client = make_context(authority(), {});
  const TlsTicket ticket = ticket_from(node_context(), client);
  SUBCASE("the same certificates, loaded again") {
    Pair pair(node_context(), client, {"localhost", Protocol::kRedis, ticket.get()});
    pair.shake();
    REQUIRE(pair.server_status == Status::kOk);
    CHECK_FALSE(pair.server->resumed());
  }
  SUBCASE("a CA that no longer lists the client's") {
    const TestAuthority other("other CA");
    Pair pair(make_context(node_identity(), other.pem()), client,
              {"localhost", Protocol::kRedis, ticket.get()});
    pair.shake();
    CHECK(pair.server->failure().message.find("signed by a CA that --ca does not list") != std::string::npos);
  }
}

TEST_CASE("tls: a resumed session does not outlive the peer's certificate") {
  for (const bool old : {false, true}) {
    const auto server = node_context();
    const auto client = make_context(authority(), {.common_name = "short", .ends_in = 1});
    if (old) SSL_CTX_set_max_proto_version(client->client(), TLS1_2_VERSION);
    const TlsTicket ticket = ticket_from(server, client);
    std::this_thread::sleep_for(std::chrono::milliseconds(2100));
    Pair pair(server, client, {"localhost", Protocol::kRedis, ticket.get()});
    pair.shake();
    CHECK(pair.server->resumed());
    CHECK(pair.server->failure().message.find("the peer's certificate (CN=short) expired on") == 0);
  }
  SUBCASE("nor the server's, as seen by the client") {
    const auto server = make_context(authority(), {.common_name = "short", .unit = "node", .ends_in = 1});
    const auto client = node_context();
    const TlsTicket ticket = ticket_from(server, client);
    std::this_thread::sleep_for(std::chrono::milliseconds(2100));
    Pair pair(server, client, {"localhost", Protocol::kRedis, ticket.get()});
    pair.shake();
    CHECK(pair.client->failure().message.find("expired on") != std::string::npos);
  }
}
