// Locks between processes (flock): the kernel gives one back when its process ends, kill -9 included, so none
// is ever left behind.
#pragma once

#include <string>

#include "common/reactor/disk.h"

namespace ringhold {

// See Disk::lock_file. The holder writes its process id into the file, for whoever comes second.
Result<LockAttempt> lock_file(const std::string& path);

}  // namespace ringhold
