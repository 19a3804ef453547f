// What loading certificate files says when it fails.
#include "common/net/tls_context.h"

#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "tests/unit/net/test_certificates.h"

using namespace ringhold;
using namespace ringhold::test;

namespace {

struct Files {
  Files() {
    identity = authority.issue({.common_name = "node-1", .unit = "node"});
    dir.write("server.crt", identity.cert);
    dir.write("server.key", identity.key);
    dir.write("ca.crt", authority.pem());
  }
  TlsOptions options() const { return {dir.path("server.crt"), dir.path("server.key"), dir.path("ca.crt")}; }
  // The error, with the directory cut out.
  std::string load() const {
    const auto context = TlsContext::load(options());
    if (context) return "";
    std::string message = context.error().message;
    const std::string root = dir.path("");
    for (std::size_t at; (at = message.find(root)) != std::string::npos;) message.erase(at, root.size());
    return message;
  }

  TempDir dir;
  TestAuthority authority;
  PemPair identity;
};

}  // namespace

TEST_CASE("tls files: good ones load") {
  const Files files;
  const auto context = TlsContext::load(files.options());
  REQUIRE(context.ok());
  CHECK((*context)->role() == Role::kNode);
  CHECK((*context)->expires_first() == files.dir.path("server.crt"));
  CHECK((*context)->server() != nullptr);
}

TEST_CASE("tls files: each failure is named") {
  const Files files;
  SUBCASE("missing") {
    ::unlink(files.dir.path("server.key").c_str());
    CHECK(files.load() ==
          "server.key does not exist; certs/make-certs makes certificates, --cert, --key and --ca say where "
          "they are");
  }
  SUBCASE("a directory") {
    ::unlink(files.dir.path("ca.crt").c_str());
    ::mkdir(files.dir.path("ca.crt").c_str(), 0700);
    CHECK(files.load().find("ca.crt is not a regular file") == 0);
  }
  SUBCASE("empty") {
    files.dir.write("server.crt", "");
    CHECK(files.load() == "server.crt holds no certificate in PEM form (BEGIN CERTIFICATE)");
  }
  SUBCASE("damaged") {
    std::string pem = files.authority.pem();
    pem.replace(pem.size() / 2, 4, "!!!!");
    files.dir.write("ca.crt", pem);
    CHECK(files.load() == "ca.crt holds a damaged certificate");
  }
  SUBCASE("swapped") {
    files.dir.write("server.key", files.identity.cert);
    CHECK(files.load() == "server.key holds no private key in PEM form (BEGIN PRIVATE KEY)");
  }
  SUBCASE("somebody else's key") {
    files.dir.write("server.key", files.authority.issue({}).key);
    CHECK(files.load() ==
          "the key in server.key does not belong to the certificate in server.crt; make both together with "
          "certs/make-certs");
  }
  SUBCASE("expired") {
    const PemPair old = files.authority.issue({.starts_in = -7200, .ends_in = -3600});
    files.dir.write("server.crt", old.cert);
    files.dir.write("server.key", old.key);
    CHECK(files.load().find("the certificate in server.crt expired on 20") == 0);
    CHECK(files.load().find("; make a new one with certs/make-certs --force") != std::string::npos);
  }
  SUBCASE("not valid yet") {
    const PemPair young = files.authority.issue({.starts_in = 86400});
    files.dir.write("server.crt", young.cert);
    files.dir.write("server.key", young.key);
    CHECK(files.load().find("the certificate in server.crt is not valid before 20") == 0);
  }
  SUBCASE("too large") {
    files.dir.write("ca.crt", std::string((1 << 20) + 1, 'x'));
    CHECK(files.load().find("ca.crt is larger than 1048576 bytes") == 0);
  }
}

TEST_CASE("tls files: an encrypted key is refused, not asked for") {
  const Files files;
  const KeyPtr key(EVP_EC_gen("P-256"));
  const BioPtr bio(BIO_new(BIO_s_mem()));
  char pass[] = "secret";
  PEM_write_bio_PrivateKey(bio.get(), key.get(), EVP_aes_128_cbc(), nullptr, 0, nullptr, pass);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  files.dir.write("server.key", {data, static_cast<std::size_t>(size)});
  CHECK(files.load() == "server.key is encrypted with a pass phrase; store the key without one, mode 0600");
}

TEST_CASE("tls files: certificate and key go together, and a CA is always needed") {
  const Files files;
  CHECK_FALSE(TlsContext::load({files.dir.path("server.crt"), "", files.dir.path("ca.crt")}).ok());
  CHECK_FALSE(TlsContext::load({files.dir.path("server.crt"), files.dir.path("server.key"), ""}).ok());
  const auto anonymous = TlsContext::load({"", "", files.dir.path("ca.crt")});
  REQUIRE(anonymous.ok());
  CHECK((*anonymous)->role() == Role::kNone);
}
