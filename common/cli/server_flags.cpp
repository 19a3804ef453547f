#include "common/cli/server_flags.h"

#include <fmt/core.h>

#include "common/net/files.h"

namespace ringhold {

namespace {

constexpr std::uint32_t kConnectionsLimitMax =
    1000000;  // more descriptors than Linux gives a process by default

}  // namespace

void declare(CommandLine& line, ServerFlags& flags) {
  line.address("addr", flags.addr, "HOST:PORT to listen on; port 0 picks a free one");
  line.address("advertise", flags.advertise, "HOST:PORT that others are told (default: --addr)");
  line.text("cert", flags.tls.cert_file, "Certificate of this server, PEM");
  line.text("key", flags.tls.key_file, "Its private key, PEM");
  line.text("ca", flags.tls.ca_file,
            "Certificates of the CA that peers and clients are verified against, PEM");
  line.choice("client-auth", flags.tls.client_auth,
              {{"required", ClientAuth::kRequired}, {"optional", ClientAuth::kOptional}},
              "Whether clients must show a certificate; without one they have to AUTH");
  line.text("password-file", flags.password_file, "Passwords for AUTH: lines user:role:password, mode 0600");
  line.number("connections-max", flags.connections_max, {1, kConnectionsLimitMax},
              "Connections at most, in total");
  line.number("connections-per-address-max", flags.connections_per_address_max, {1, kConnectionsLimitMax},
              "Connections at most from one address");
  line.duration("deadline", flags.deadline, "How long a command may wait for another server");
}

Result<void> check(const ServerFlags& flags) {
  if (flags.addr.is_wildcard() && !flags.advertise) {
    return Error{
        fmt::format("--addr {} listens everywhere, so others cannot be told it: add --advertise HOST:PORT",
                    flags.addr.text())};
  }
  if (flags.advertise && (flags.advertise->is_wildcard() || flags.advertise->port == 0)) {
    return Error{fmt::format("--advertise {} is not an address that others could connect to",
                             flags.advertise->text())};
  }
  for (const auto& [name, path] : {std::pair{"--cert", &flags.tls.cert_file},
                                   {"--key", &flags.tls.key_file},
                                   {"--ca", &flags.tls.ca_file}}) {
    if (path->empty()) return Error{fmt::format("{} must name a file: a server always speaks TLS", name)};
  }
  return {};
}

Result<std::shared_ptr<const Authenticator>> load_password_file(const std::string& path) {
  if (path.empty()) return std::shared_ptr<const Authenticator>(std::make_shared<Authenticator>());
  const auto mode = file_mode(path);
  if (!mode) return Error{"--password-file: " + mode.error().message};
  if ((*mode & 0077U) != 0) {
    return Error{fmt::format("--password-file: {} is open to other users (mode {:04o}); run: chmod 600 {}",
                             path, *mode, path)};
  }
  const auto text = read_whole_file(path, limits::kPasswordFileBytesMax);
  if (!text) return Error{"--password-file: " + text.error().message};
  auto parsed = Authenticator::parse(*text);
  if (!parsed) return Error{fmt::format("--password-file: {}: {}", path, parsed.error().message)};
  return std::shared_ptr<const Authenticator>(std::make_shared<Authenticator>(std::move(*parsed)));
}

}  // namespace ringhold
