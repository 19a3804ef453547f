#include "common/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace ringhold {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "fatal: broken invariant: %s at %s:%d; please report this line\n", condition, file,
               line);
  std::abort();
}

}  // namespace ringhold
