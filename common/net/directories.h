// Directories, while nobody is served: all of it blocks, and gives errors for people.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"

namespace ringhold {

// Makes the directory and those above it, mode 0700, and syncs what each of them was made in.
Result<void> make_directory(const std::string& path);

// Sorted; without the directories in it.
Result<std::vector<std::string>> list_directory(const std::string& path);

}  // namespace ringhold
