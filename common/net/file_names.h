// Names of files: renaming, linking and removing, as chains of requests to the pool
// (common/net/fs_request.h).
//
// The others end with a sync of the directory, so that what has succeeded survives a crash. A chain always
// runs to its end, also when nobody hears of it any more.
#pragma once

#include <string>

#include "common/net/loop.h"
#include "common/reactor/disk.h"

namespace ringhold {

// What was done to the names in the directory at `path` survives a crash.
void sync_directory(Loop& loop, const std::string& path, const DiskDone& done);
void rename_file(Loop& loop, const std::string& from, const std::string& to, DiskDone done);
// By way of the name `to`.link, because link() alone replaces nothing.
void link_file(Loop& loop, const std::string& from, const std::string& to, const DiskDone& done);
void remove_file(Loop& loop, const std::string& path, DiskDone done);

}  // namespace ringhold
