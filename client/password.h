// Where the client's password comes from: never from the command line, which everybody on the machine can
// read.
#pragma once

#include <string>

#include "common/base/result.h"

namespace ringhold::client {

// The first line of the file at `path`. A file that others may read is refused.
Result<std::string> read_password_file(const std::string& path);

// Asks on the terminal, without showing what is typed.
Result<std::string> prompt_password(const std::string& prompt);

}  // namespace ringhold::client
