// What is done to an open file in one piece: several calls of the kernel in a row, each of which blocks. They
// are made on a thread of the pool (common/net/fs_request.h), and touch nothing but the descriptor. Errors
// are for people, and name `path`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace ringhold {

// As WritableFile has them.
Result<void> write_and_sync(const std::string& path, int descriptor, std::uint64_t offset,
                            std::string_view bytes);
Result<void> allocate_and_sync(const std::string& path, int descriptor, std::uint64_t size);
Result<void> truncate_and_sync(const std::string& path, int descriptor, std::uint64_t size);

}  // namespace ringhold
