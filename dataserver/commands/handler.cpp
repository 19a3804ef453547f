#include "dataserver/commands/handler.h"

#include "dataserver/commands/handlers.h"

namespace ringhold {

Handler store_handler(CommandId id) {
  switch (id) {
    case CommandId::kAppend:
      return handlers::append;
    case CommandId::kCopy:
      return handlers::copy;
    case CommandId::kDbsize:
      return handlers::dbsize;
    case CommandId::kDebugSetActiveExpire:
      return handlers::active_expiry;
    case CommandId::kDecr:
      return handlers::decr;
    case CommandId::kDecrby:
      return handlers::decrby;
    case CommandId::kDel:
    case CommandId::kUnlink:
      return handlers::del;
    case CommandId::kExists:
      return handlers::exists;
    case CommandId::kExpire:
      return handlers::expire;
    case CommandId::kExpireat:
      return handlers::expireat;
    case CommandId::kExpiretime:
      return handlers::expiretime;
    case CommandId::kFlushall:
    case CommandId::kFlushdb:
      return handlers::flush;
    case CommandId::kGet:
      return handlers::get;
    case CommandId::kGetdel:
      return handlers::getdel;
    case CommandId::kGetex:
      return handlers::getex;
    case CommandId::kGetrange:
    case CommandId::kSubstr:
      return handlers::getrange;
    case CommandId::kGetset:
      return handlers::getset;
    case CommandId::kIncr:
      return handlers::incr;
    case CommandId::kIncrby:
      return handlers::incrby;
    case CommandId::kIncrbyfloat:
      return handlers::incrbyfloat;
    case CommandId::kKeys:
      return handlers::keys;
    case CommandId::kLcs:
      return handlers::lcs;
    case CommandId::kMemoryUsage:
      return handlers::memory_usage;
    case CommandId::kMget:
      return handlers::mget;
    case CommandId::kMset:
      return handlers::mset;
    case CommandId::kMsetnx:
      return handlers::msetnx;
    case CommandId::kObjectEncoding:
      return handlers::object_encoding;
    case CommandId::kObjectFreq:
      return handlers::object_freq;
    case CommandId::kObjectIdletime:
      return handlers::object_idletime;
    case CommandId::kObjectRefcount:
      return handlers::object_refcount;
    case CommandId::kPersist:
      return handlers::persist;
    case CommandId::kPexpire:
      return handlers::pexpire;
    case CommandId::kPexpireat:
      return handlers::pexpireat;
    case CommandId::kPexpiretime:
      return handlers::pexpiretime;
    case CommandId::kPsetex:
      return handlers::psetex;
    case CommandId::kPttl:
      return handlers::pttl;
    case CommandId::kRandomkey:
      return handlers::randomkey;
    case CommandId::kRename:
      return handlers::rename;
    case CommandId::kRenamenx:
      return handlers::renamenx;
    case CommandId::kScan:
      return handlers::scan;
    case CommandId::kSet:
      return handlers::set;
    case CommandId::kSetex:
      return handlers::setex;
    case CommandId::kSetnx:
      return handlers::setnx;
    case CommandId::kSetrange:
      return handlers::setrange;
    case CommandId::kStrlen:
      return handlers::strlen;
    case CommandId::kTouch:
      return handlers::touch;
    case CommandId::kTtl:
      return handlers::ttl;
    case CommandId::kType:
      return handlers::type;
    default:
      return nullptr;
  }
}

}  // namespace ringhold
