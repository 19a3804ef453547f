// The options that SET and GETEX have in common, and the deadlines that they give.
#pragma once

#include <optional>
#include <string_view>

#include "dataserver/commands/arguments.h"
#include "dataserver/commands/handler.h"
#include "dataserver/store/strings.h"

namespace ringhold {

// A time as it stands in a command: its text, and how to read it.
struct ExpireArgument {
  std::string_view text;
  TimeUnit unit = TimeUnit::kSeconds;
  TimeBase base = TimeBase::kNow;
};

struct StringOptions {
  strings::Condition condition = strings::Condition::kAlways;
  bool get = false;
  bool keep_deadline = false;
  bool persist = false;
  std::optional<ExpireArgument> expire;
};

// SET: NX XX GET KEEPTTL EX PX EXAT PXAT from args[3] on. GETEX: PERSIST EX PX EXAT PXAT from args[2] on.
// Empty if two contradict each other or one is unknown: a syntax error.
std::optional<StringOptions> parse_set_options(const CommandContext& context);
std::optional<StringOptions> parse_getex_options(const CommandContext& context);

// The deadline that `argument` means. Empty after replying that it is no number, not above zero, or beyond
// what 64 bits hold; `command` names the command in that reply.
std::optional<UnixMs> expire_deadline(CommandContext& context, const ExpireArgument& argument,
                                      std::string_view command);

}  // namespace ringhold
