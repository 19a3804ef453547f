// ringhold: the command-line client.
#include <unistd.h>

#include <algorithm>

#include "client/batch_mode.h"
#include "client/interactive_mode.h"
#include "client/latency_mode.h"
#include "client/options.h"
#include "client/password.h"
#include "client/session.h"
#include "client/status_mode.h"

namespace ringhold::client {
namespace {

OutputFormat choose_format(const ClientOptions& options) {
  if (options.json) return OutputFormat::kJson;
  const bool raw = options.raw || isatty(STDOUT_FILENO) != 1;
  return raw && !options.no_raw ? OutputFormat::kRaw : OutputFormat::kTerminal;
}

Result<std::optional<Credentials>> get_credentials(const ClientOptions& options) {
  if (!options.wants_password()) return std::optional<Credentials>{};
  const std::string user = options.user.empty() ? "default" : options.user;
  auto password = options.password_file.empty() ? prompt_password("Password of " + user + ": ")
                                                : read_password_file(options.password_file);
  if (!password) return password.error();
  return std::optional<Credentials>{{.user = user, .password = std::move(*password)}};
}

Result<Session> prepare(const ClientOptions& options) {
  auto tls = TlsContext::load(
      {.cert_file = options.cert_file, .key_file = options.key_file, .ca_file = options.ca_file});
  if (!tls) return tls.error();
  auto credentials = get_credentials(options);
  if (!credentials) return credentials.error();
  Session session;
  session.tls = std::move(*tls);
  session.output = {.format = choose_format(options), .style = style_of_stdout(options.colour)};
  session.colours_on_stderr = colours_on_stderr(options.colour);
  session.connection = {
      .address = options.address,
      .timeout = options.timeout,
      // JSON has use for what RESP3 tells apart: maps, booleans, doubles.
      .version = options.version.value_or(options.json ? RespVersion::k3 : RespVersion::k2),
      .credentials = std::move(*credentials),
  };
  return session;
}

LatencyOptions latency_options(const ClientOptions& options) {
  LatencyOptions latency{.count = options.count};
  if (options.interval.count() > 0) latency.interval = options.interval;
  return latency;
}

Repetition repetition(const ClientOptions& options) {
  return {.count = std::max(options.count, 1U), .interval = options.interval};
}

int run(int argc, char** argv) {
  const auto parsed = parse_options(argc, argv);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const auto& options = std::get<ClientOptions>(parsed);
  const auto session = prepare(options);
  if (!session) return report(session.error());
  if (options.status) return options.watch ? watch_status(*session, *options.watch) : run_status(*session);
  if (options.latency) return run_latency(*session, latency_options(options));
  if (!options.command.empty()) return run_one_shot(*session, options.command, repetition(options));
  // Into a file, there is nobody to edit lines for.
  if (isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1) return run_interactive(*session);
  return run_piped(*session, STDIN_FILENO);
}

}  // namespace
}  // namespace ringhold::client

int main(int argc, char** argv) {
  ringhold::client::set_up_characters();
  return ringhold::client::run(argc, argv);
}
