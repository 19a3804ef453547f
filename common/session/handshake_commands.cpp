// HELLO, AUTH and RESET: who the client is, and in which protocol it is answered.
#include <fmt/core.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/session/compatibility.h"
#include "common/session/connection_handlers.h"

namespace ringhold {
namespace {

constexpr std::string_view kDefaultUser = "default";
constexpr std::string_view kWrongPassword = "WRONGPASS invalid username-password pair or user is disabled.";
constexpr std::string_view kNoPassword =
    "ERR AUTH <password> called without any password configured for the default user. Are you sure your "
    "configuration "
    "is correct?";
constexpr std::string_view kHelloNeedsAuth =
    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> "
    "<pass> option "
    "can be used to authenticate the client and select the RESP protocol version at the same time";

// False: the password was wrong, and nothing has changed.
bool authenticate(ConnectionContext& context, std::string_view user, std::string_view password) {
  const std::optional<Role> role = context.authenticator.check(user, password);
  if (!role) {
    log::warn("client {} id={}: wrong user or password for user '{}'", context.client.address.text(),
              context.client.id, printable(user));
    return false;
  }
  context.client.role = *role;
  context.client.user = user;
  return true;
}

struct HelloOptions {
  std::optional<RespVersion> version;
  bool authenticate = false;
  std::string_view user;
  std::string_view password;
  std::optional<std::string_view> name;
};

Result<HelloOptions> parse_hello(std::span<const std::string_view> args) {
  HelloOptions options;
  if (args.size() < 2) return options;
  const std::optional<std::int64_t> version = parse_int64(args[1]);
  if (!version) return Error{"ERR Protocol version is not an integer or out of range"};
  if (*version != 2 && *version != 3) return Error{"NOPROTO unsupported protocol version"};
  options.version = *version == 3 ? RespVersion::k3 : RespVersion::k2;
  for (std::size_t i = 2; i < args.size(); ++i) {
    const std::size_t more = args.size() - 1 - i;
    if (equals_ignore_case(args[i], "AUTH") && more >= 2) {
      options.authenticate = true;
      options.user = args[++i];
      options.password = args[++i];
    } else if (equals_ignore_case(args[i], "SETNAME") && more >= 1) {
      options.name = args[++i];
      const Result<void> valid = check_client_attribute("Client names", *options.name);
      if (!valid) return valid.error();
    } else {
      return Error{fmt::format("ERR Syntax error in HELLO option '{}'", printable(args[i]))};
    }
  }
  return options;
}

void write_hello(const ConnectionContext& context) {
  // In the version that was asked for, which is not the one that `context.reply` was made with.
  ReplyWriter reply(context.reply.out(), context.client.version);
  reply.map(7);
  reply.bulk("server");
  reply.bulk("redis");
  reply.bulk("version");
  reply.bulk(kCompatibleRedisVersion);
  reply.bulk("proto");
  reply.integer(static_cast<std::int64_t>(context.client.version));
  reply.bulk("id");
  reply.integer(static_cast<std::int64_t>(context.client.id));
  reply.bulk("mode");
  reply.bulk(context.identity.mode);
  reply.bulk("role");
  reply.bulk("master");
  reply.bulk("modules");
  reply.array(0);
}

}  // namespace

void handle_auth(ConnectionContext& context) {
  const std::size_t args = context.args.size();
  if (args > 3) return context.reply.error(kSyntaxError);
  if (args == 2 && !context.authenticator.has_passwords()) return context.reply.error(kNoPassword);
  const std::string_view user = args == 3 ? context.args[1] : kDefaultUser;
  if (!authenticate(context, user, context.args.back())) return context.reply.error(kWrongPassword);
  context.reply.ok();
}

void handle_hello(ConnectionContext& context) {
  const Result<HelloOptions> options = parse_hello(context.args);
  if (!options) return context.reply.error(options.error().message);
  if (options->authenticate && !authenticate(context, options->user, options->password)) {
    return context.reply.error(kWrongPassword);
  }
  ClientState& client = context.client;
  if (client.role == Role::kNone) return context.reply.error(kHelloNeedsAuth);
  if (options->name) client.name = *options->name;
  if (options->version) client.version = *options->version;
  write_hello(context);
}

// What stays is what the connection is, not what was said on it: its address, id, certificate and library.
void handle_reset(ConnectionContext& context) {
  ClientState& client = context.client;
  client.name.clear();
  client.user = kDefaultUser;
  client.role = client.certificate_role;
  client.version = RespVersion::k2;
  client.reply_mode = ReplyMode::kOn;
  client.no_evict = false;
  client.no_touch = false;
  client.knows_cluster = false;
  client.readonly = false;
  client.asking = false;
  context.reply.simple("RESET");
}

}  // namespace ringhold
