#include "common/net/system_rng.h"

#include <openssl/rand.h>

#include "common/base/check.h"

namespace ringhold {

std::uint64_t SystemRng::next() {
  if (used_ == batch_.size()) {
    INVARIANT(RAND_bytes(reinterpret_cast<unsigned char*>(batch_.data()), sizeof(batch_)) == 1);
    used_ = 0;
  }
  return batch_[used_++];
}

}  // namespace ringhold
