#include "common/reactor/stream.h"

namespace ringhold {

const char* alpn_name(Protocol protocol) {
  switch (protocol) {
    case Protocol::kRedis:
      return "redis";
    case Protocol::kHttp:
      return "http/1.1";
    case Protocol::kPeer:
      return "ringhold-peer/1";
  }
  return "redis";
}

}  // namespace ringhold
