// Replies to what strings.h says.
#pragma once

#include "dataserver/commands/handler.h"
#include "dataserver/store/strings.h"

namespace ringhold {

// The error that `status` stands for. Precondition: it is one.
void reply_error(CommandContext& context, strings::Status status);

}  // namespace ringhold
