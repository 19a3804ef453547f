#include "common/session/connection_commands.h"

#include <climits>

#include "common/base/text.h"
#include "common/session/connection_handlers.h"

namespace ringhold {
namespace {

void handle_ping(ConnectionContext& context) {
  if (context.args.size() > 2) {
    context.reply.error("ERR wrong number of arguments for 'ping' command");
  } else if (context.args.size() == 2) {
    context.reply.bulk(context.args[1]);
  } else {
    context.reply.simple("PONG");
  }
}

void handle_quit(ConnectionContext& context) {
  context.client.close_after_reply = true;
  context.reply.ok();
}

void handle_select(ConnectionContext& context) {
  const std::optional<std::int64_t> index = parse_int64(context.args[1]);
  if (!index) {
    context.reply.error("ERR value is not an integer or out of range");
  } else if (*index < INT_MIN || *index > INT_MAX) {
    context.reply.error("ERR value is out of range, value must between -2147483648 and 2147483647");
  } else if (*index != 0) {
    context.reply.error("ERR DB index is out of range");
  } else {
    context.reply.ok();
  }
}

// READONLY, READWRITE, ASKING: only clients that know Redis Cluster say them.
void handle_cluster_mode(ConnectionContext& context) {
  context.client.knows_cluster = true;
  if (context.row.id == CommandId::kAsking) {
    context.client.asking = true;
  } else {
    context.client.readonly = context.row.id == CommandId::kReadonly;
  }
  context.reply.ok();
}

void handle_client_getname(ConnectionContext& context) {
  if (context.client.name.empty()) {
    context.reply.null();
  } else {
    context.reply.bulk(context.client.name);
  }
}

}  // namespace

void execute_connection_command(ConnectionContext& context) {
  switch (context.row.id) {
    case CommandId::kPing:
      return handle_ping(context);
    case CommandId::kEcho:
      return context.reply.bulk(context.args[1]);
    case CommandId::kHello:
      return handle_hello(context);
    case CommandId::kAuth:
      return handle_auth(context);
    case CommandId::kQuit:
      return handle_quit(context);
    case CommandId::kReset:
      return handle_reset(context);
    case CommandId::kSelect:
      return handle_select(context);
    case CommandId::kReadonly:
    case CommandId::kReadwrite:
    case CommandId::kAsking:
      return handle_cluster_mode(context);
    case CommandId::kClientGetname:
      return handle_client_getname(context);
    case CommandId::kClientId:
      return context.reply.integer(static_cast<std::int64_t>(context.client.id));
    case CommandId::kClientInfo:
      return handle_client_info(context);
    case CommandId::kClientNoEvict:
      return handle_client_switch(context, &ClientState::no_evict);
    case CommandId::kClientNoTouch:
      return handle_client_switch(context, &ClientState::no_touch);
    case CommandId::kClientReply:
      return handle_client_reply(context);
    case CommandId::kClientSetinfo:
      return handle_client_setinfo(context);
    case CommandId::kClientSetname:
      return handle_client_setname(context);
    case CommandId::kCommand:
      return handle_command(context);
    case CommandId::kCommandCount:
      return handle_command_count(context);
    case CommandId::kCommandDocs:
      return handle_command_docs(context);
    case CommandId::kCommandGetkeys:
    case CommandId::kCommandGetkeysandflags:
      return handle_command_getkeys(context);
    case CommandId::kCommandInfo:
      return handle_command_info(context);
    case CommandId::kCommandList:
      return handle_command_list(context);
    case CommandId::kHelp:
      return handle_help(context);
    case CommandId::kLolwut:
      return handle_lolwut(context);
    case CommandId::kClientHelp:
    case CommandId::kClusterHelp:
    case CommandId::kCommandHelp:
    case CommandId::kConfigHelp:
    case CommandId::kDebugHelp:
    case CommandId::kMemoryHelp:
    case CommandId::kObjectHelp:
    case CommandId::kRestHelp:
    case CommandId::kSlowlogHelp:
      return handle_container_help(context);
    default:
      break;
  }
  // A row was given this routing without a handler; a test goes over all of them.
  context.reply.error("ERR this command is not implemented");
}

}  // namespace ringhold
