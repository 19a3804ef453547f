// Opening a listening socket, with errors that an operator can act on.
#pragma once

#include "common/base/result.h"
#include "common/reactor/address.h"

namespace ringhold {

enum class PortUse {
  kExclusive,  // nobody else may listen there
  kJoin,       // joins a port that allow_joining() was called for
};

// A bound socket that does not listen yet, as a descriptor that the caller closes. A host name is resolved,
// blocking. Errors name the address and say what to do: in use, not local, no permission, unknown host.
Result<int> open_port(const Address& address, PortUse use);

// From now on others of the same user may join the port that `fd` listens on, and the kernel spreads
// connections over them. To be called once it listens: until then nobody can have joined by mistake, and a
// busy port is noticed.
void allow_joining(int fd);

// The sentence for a code of bind or listen (a positive errno).
Error describe_port_error(const Address& address, int code);

}  // namespace ringhold
