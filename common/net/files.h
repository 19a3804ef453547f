// Reading files while nobody is served: whole, small ones (certificates, passwords, servers.json), and large
// ones piece by piece. All of it blocks, and gives errors for people.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/reactor/disk.h"

namespace ringhold {

// Errors name the file and say why: missing, no permission, not a file, larger than `bytes_max`.
Result<std::string> read_whole_file(const std::string& path, std::size_t bytes_max);

// The bytes from `offset` on: `bytes_max` of them unless the file ends before. Errors as above.
Result<std::string> read_file_range(const std::string& path, std::uint64_t offset, std::size_t bytes_max);

// The permission bits (0600) of the file at `path`.
Result<unsigned> file_mode(const std::string& path);

// Reads up to the size that the file has now. Errors as above.
Result<std::unique_ptr<ReadableFile>> open_readable_file(const std::string& path);

// "dump.rh.new cannot be written: No space left on device", from an errno.
Error file_error(const std::string& path, std::string_view cannot_be, int code);

}  // namespace ringhold
