// Reading whole, small files (certificates, passwords, servers.json), with errors for people.
#pragma once

#include <string>

#include "common/base/result.h"

namespace ringhold {

// Errors name the file and say why: missing, no permission, not a file, larger than `bytes_max`.
Result<std::string> read_whole_file(const std::string& path, std::size_t bytes_max);

// The permission bits (0600) of the file at `path`.
Result<unsigned> file_mode(const std::string& path);

}  // namespace ringhold
