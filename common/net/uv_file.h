// Files that are written by the loop without waiting for the disk.
//
// An operation is a job for the pool, or a chain of requests to it (common/net/fs_request.h). An append goes
// in slices, and goes on where the kernel has taken less than it was given. Operation and file share the
// descriptor: it is closed when both have gone, so a file may be destroyed at any time, and its operation
// ends unheard.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/net/loop.h"
#include "common/reactor/disk.h"

namespace ringhold {

// Creates the file, or empties the one that is there; mode 0600 in both cases. Refuses what is not a regular
// file: a symbolic link too, because a file that somebody else has chosen would be emptied.
void create_writable_file(Loop& loop, const std::string& path,
                          std::function<void(Result<std::unique_ptr<WritableFile>>)> done);

// The file that is there, as it is. Refuses the same.
void open_file_for_update(Loop& loop, const std::string& path,
                          std::function<void(Result<std::unique_ptr<WritableFile>>)> done);

}  // namespace ringhold
