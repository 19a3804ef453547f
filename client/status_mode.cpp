#include "client/status_mode.h"

#include <fmt/core.h>
#include <langinfo.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "client/status_view.h"

namespace ringhold::client {

namespace {

StatusStyle style_of_stdout() {
  const char* no_color = std::getenv("NO_COLOR");  // https://no-color.org: any value but the empty one
  return {.colours = isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0'),
          .unicode = std::string_view(nl_langinfo(CODESET)) == "UTF-8"};
}

}  // namespace

int run_status(const Session& session) {
  const auto connection = Connection::open(session.tls, session.connection);
  if (!connection) return report(connection.error());
  const auto reply = (*connection)->call(std::vector<std::string>{"CLUSTER", "STATUS"});
  if (!reply) return report(reply.error());
  const std::string address = session.connection.address.text();
  if (reply->is_error())
    return report(Error{fmt::format("{} cannot tell its status: {}", address, reply->text)});
  if (session.format == OutputFormat::kJson) return print(reply->text + "\n") ? kExitOk : kExitFailed;
  const auto table = render_status(reply->text, style_of_stdout());
  if (!table) return report(Error{fmt::format("{}: {}", address, table.error().message)});
  return print(*table) ? kExitOk : kExitFailed;
}

}  // namespace ringhold::client
