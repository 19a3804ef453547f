// common/base/log.h for the installed library: a library does not write to its program's stderr. What
// concerns the program is a Failure.
#include "common/base/log.h"

namespace ringhold::log {

bool set_level(std::string_view /*name*/) {
  return true;
}
void set_level(Level /*level*/) {}
bool enabled(Level /*level*/) {
  return false;
}
void write(Level /*level*/, std::string_view /*text*/) {}

}  // namespace ringhold::log
