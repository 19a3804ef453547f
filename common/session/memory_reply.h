// MEMORY STATS and MEMORY DOCTOR.
#pragma once

#include <string>

#include "common/resp/reply_writer.h"
#include "common/session/server_commands.h"

namespace ringhold {

// A map of Redis's names to numbers.
void write_memory_stats(ReplyWriter& reply, const ProcessSnapshot& process);

// What is unusual about this process's memory, in sentences.
std::string memory_doctor_text(const ProcessSnapshot& process);

}  // namespace ringhold
