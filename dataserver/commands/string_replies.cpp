#include "dataserver/commands/string_replies.h"

#include "common/base/check.h"
#include "dataserver/commands/arguments.h"

namespace ringhold {

void reply_error(CommandContext& context, strings::Status status) {
  using strings::Status;
  switch (status) {
    case Status::kWrongType:
      return context.reply.error(errors::kWrongType);
    case Status::kTooLong:
      return context.reply.error(errors::kTooLong);
    case Status::kNotInteger:
      return context.reply.error(errors::kNotInteger);
    case Status::kNotFloat:
      return context.reply.error(errors::kNotFloat);
    case Status::kOverflow:
      return context.reply.error(errors::kOverflow);
    case Status::kNotFinite:
      return context.reply.error(errors::kNotFinite);
    case Status::kOk:
    case Status::kMissing:
    case Status::kNotStored:
      break;
  }
  INVARIANT(false && "a status that is no error");
}

}  // namespace ringhold
