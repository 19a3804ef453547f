// CLIENT: what concerns the client's own connection. CLIENT LIST and CLIENT KILL, which concern others', are
// the server's.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "common/base/limits.h"
#include "common/base/text.h"
#include "common/session/connection_handlers.h"

namespace ringhold {
namespace {

// Redis's letters; N if there is none to show.
std::string flag_letters(const ClientState& client) {
  std::string letters;
  if (client.readonly) letters += 'r';
  if (client.close_after_reply) letters += 'c';
  if (client.no_evict) letters += 'e';
  if (client.no_touch) letters += 'T';
  return letters.empty() ? "N" : letters;
}

std::int64_t seconds_between(MonoTime from, MonoTime to) {
  return std::chrono::duration_cast<std::chrono::seconds>(to - from).count();
}

}  // namespace

Result<void> check_client_attribute(std::string_view what, std::string_view text) {
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= '!' && c <= '~'; })) {
    return Error{fmt::format("ERR {} cannot contain spaces, newlines or special characters.", what)};
  }
  if (text.size() > limits::kClientAttributeBytesMax) {
    return Error{
        fmt::format("ERR {} cannot be longer than {} bytes.", what, limits::kClientAttributeBytesMax)};
  }
  return {};
}

// Fields of features that do not exist here hold what Redis shows for a client that does not use them.
std::string client_info_line(const ClientState& client, MonoTime now) {
  const std::size_t total_bytes = sizeof(ClientState) + client.input_bytes + client.output_bytes;
  return fmt::format(
      "id={} addr={} laddr={} fd=-1 name={} age={} idle={} flags={} db=0 sub=0 psub=0 ssub=0 multi=-1 "
      "qbuf={} qbuf-free=0 "
      "argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl={} oll=0 omem=0 tot-mem={} events=r cmd={} user={} redir=-1 "
      "resp={} "
      "lib-name={} lib-ver={}",
      client.id, client.address.text(), client.local_address.text(), client.name,
      seconds_between(client.connected_at, now), seconds_between(client.last_active_at, now),
      flag_letters(client), client.input_bytes, client.output_bytes, total_bytes,
      client.last_command == nullptr ? "NULL" : client.last_command->name, client.user,
      static_cast<int>(client.version), client.lib_name, client.lib_version);
}

void handle_client_info(ConnectionContext& context) {
  context.reply.verbatim(client_info_line(context.client, context.now) + '\n');
}

void handle_client_reply(ConnectionContext& context) {
  ReplyMode& mode = context.client.reply_mode;
  const std::string_view word = context.args[2];
  if (equals_ignore_case(word, "ON")) {
    mode = ReplyMode::kOn;
  } else if (equals_ignore_case(word, "OFF")) {
    mode = ReplyMode::kOff;
  } else if (equals_ignore_case(word, "SKIP")) {
    if (mode != ReplyMode::kOff) mode = ReplyMode::kSkipNext;
  } else {
    return context.reply.error(kSyntaxError);
  }
  // Whoever sends the reply drops it in any mode but kOn.
  context.reply.ok();
}

void handle_client_setinfo(ConnectionContext& context) {
  const std::string_view attribute = context.args[2];
  const std::string_view value = context.args[3];
  std::string* target = nullptr;
  if (equals_ignore_case(attribute, "LIB-NAME")) target = &context.client.lib_name;
  if (equals_ignore_case(attribute, "LIB-VER")) target = &context.client.lib_version;
  if (target == nullptr) {
    return context.reply.error(fmt::format("ERR Unrecognized option '{}'", printable(attribute)));
  }
  const Result<void> valid = check_client_attribute(to_lower(attribute), value);
  if (!valid) return context.reply.error(valid.error().message);
  *target = value;
  context.reply.ok();
}

void handle_client_setname(ConnectionContext& context) {
  const Result<void> valid = check_client_attribute("Client names", context.args[2]);
  if (!valid) return context.reply.error(valid.error().message);
  context.client.name = context.args[2];
  context.reply.ok();
}

void handle_client_switch(ConnectionContext& context, bool ClientState::*state) {
  const std::string_view word = context.args[2];
  const bool on = equals_ignore_case(word, "ON");
  if (!on && !equals_ignore_case(word, "OFF")) return context.reply.error(kSyntaxError);
  context.client.*state = on;
  context.reply.ok();
}

}  // namespace ringhold
