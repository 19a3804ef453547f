#include "dataserver/commands/handlers.h"

namespace ringhold {

Handler zset_handler(CommandId id) {
  switch (id) {
    case CommandId::kZadd:
      return handlers::zadd;
    case CommandId::kZcard:
      return handlers::zcard;
    case CommandId::kZcount:
      return handlers::zcount;
    case CommandId::kZdiff:
      return handlers::zdiff;
    case CommandId::kZdiffstore:
      return handlers::zdiffstore;
    case CommandId::kZincrby:
      return handlers::zincrby;
    case CommandId::kZinter:
      return handlers::zinter;
    case CommandId::kZintercard:
      return handlers::zintercard;
    case CommandId::kZinterstore:
      return handlers::zinterstore;
    case CommandId::kZlexcount:
      return handlers::zlexcount;
    case CommandId::kZmpop:
      return handlers::zmpop;
    case CommandId::kZmscore:
      return handlers::zmscore;
    case CommandId::kZpopmax:
      return handlers::zpopmax;
    case CommandId::kZpopmin:
      return handlers::zpopmin;
    case CommandId::kZrandmember:
      return handlers::zrandmember;
    case CommandId::kZrange:
      return handlers::zrange;
    case CommandId::kZrangebylex:
      return handlers::zrangebylex;
    case CommandId::kZrangebyscore:
      return handlers::zrangebyscore;
    case CommandId::kZrangestore:
      return handlers::zrangestore;
    case CommandId::kZrank:
      return handlers::zrank;
    case CommandId::kZrem:
      return handlers::zrem;
    case CommandId::kZremrangebylex:
      return handlers::zremrangebylex;
    case CommandId::kZremrangebyrank:
      return handlers::zremrangebyrank;
    case CommandId::kZremrangebyscore:
      return handlers::zremrangebyscore;
    case CommandId::kZrevrange:
      return handlers::zrevrange;
    case CommandId::kZrevrangebylex:
      return handlers::zrevrangebylex;
    case CommandId::kZrevrangebyscore:
      return handlers::zrevrangebyscore;
    case CommandId::kZrevrank:
      return handlers::zrevrank;
    case CommandId::kZscan:
      return handlers::zscan;
    case CommandId::kZscore:
      return handlers::zscore;
    case CommandId::kZunion:
      return handlers::zunion;
    case CommandId::kZunionstore:
      return handlers::zunionstore;
    default:
      return nullptr;
  }
}

}  // namespace ringhold
