// The arguments that SCAN, HSCAN, SSCAN and ZSCAN share, and the form of their replies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "dataserver/commands/handler.h"

namespace ringhold {

struct ScanOptions {
  std::size_t count = 10;  // at least 1
  std::optional<std::string_view> pattern;
  std::optional<std::string_view> type;  // of SCAN alone

  bool matches(std::string_view name) const;
};

// These reply with the error where they return nothing.
std::optional<std::uint64_t> cursor_argument(CommandContext& context, std::string_view text);
enum class ScanOf : std::uint8_t { kKeys, kMembers };
// [MATCH pattern] [COUNT count], and for keys [TYPE type], from the argument `first` on.
std::optional<ScanOptions> scan_options(CommandContext& context, std::size_t first, ScanOf of);

// The head of the reply: the cursor to go on with, and that `count` elements follow.
void reply_scan_head(CommandContext& context, std::uint64_t cursor, std::size_t count);

}  // namespace ringhold
