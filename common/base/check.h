// INVARIANT: an invariant of the program. It stays on in release builds, because a store that carries on with
// broken state loses data. Never on bytes from a client, a peer or a disk: those are Result<T>.
#pragma once

namespace ringhold {

// Prints the place and the condition on stderr, then aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace ringhold

#define INVARIANT(condition)                                    \
  do {                                                          \
    if (!(condition)) [[unlikely]] {                            \
      ::ringhold::check_failed(#condition, __FILE__, __LINE__); \
    }                                                           \
  } while (false)
