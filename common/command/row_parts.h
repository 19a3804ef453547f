// Words that the rows_*.h files share. Included by them alone.
#pragma once

#include "common/command/command_table.h"

namespace ringhold::rows {

inline constexpr std::string_view kOurs = "ringhold 0.1.0";

// What is done to keys, in the combinations that occur.
inline constexpr std::uint16_t kLook = kKeyRo;                 // metadata only: TYPE, EXISTS
inline constexpr std::uint16_t kRead = kKeyRo | kKeyAccess;    // the value is returned
inline constexpr std::uint16_t kModify = kKeyRw | kKeyUpdate;  // changed without being returned
inline constexpr std::uint16_t kReadModify = kKeyRw | kKeyAccess | kKeyUpdate;
inline constexpr std::uint16_t kAppendTo = kKeyRw | kKeyInsert;
inline constexpr std::uint16_t kRemoveFrom = kKeyRw | kKeyDelete;
inline constexpr std::uint16_t kReadDelete = kKeyRw | kKeyAccess | kKeyDelete;
inline constexpr std::uint16_t kOverwrite = kKeyOw | kKeyUpdate;
inline constexpr std::uint16_t kCreate = kKeyOw | kKeyInsert;
inline constexpr std::uint16_t kDelete = kKeyRm | kKeyDelete;

constexpr KeySpec one_key(std::uint16_t flags) {
  return {.first = 1, .last = 1, .step = 1, .flags = flags};
}
// The key after a subcommand: OBJECT ENCODING key.
constexpr KeySpec key_at_2(std::uint16_t flags) {
  return {.first = 2, .last = 2, .step = 1, .flags = flags};
}
constexpr KeySpec two_keys(std::uint16_t first, std::uint16_t second = 0) {
  return {.first = 1, .last = 2, .step = 1, .flags = first, .second_flags = second};
}
constexpr KeySpec all_keys(std::uint16_t flags) {
  return {.first = 1, .last = -1, .step = 1, .flags = flags};
}
// destination key [key ...]
constexpr KeySpec key_and_sources(std::uint16_t flags) {
  return {.first = 1, .last = -1, .step = 1, .flags = flags, .second_flags = kRead};
}
// numkeys key [key ...]
constexpr KeySpec counted_keys(std::uint16_t flags) {
  return {.numkeys_at = 1, .flags = flags};
}
// destination numkeys key [key ...]
constexpr KeySpec destination_and_counted_keys() {
  return {.first = 1, .last = 1, .step = 1, .numkeys_at = 2, .flags = kOverwrite, .second_flags = kRead};
}
constexpr KeySpec keys_and_values(std::uint16_t flags) {
  return {.first = 1, .last = -1, .step = 2, .flags = flags};
}

inline constexpr std::string_view kContainerComplexity = "Depends on the subcommand.";
inline constexpr std::string_view kHelpSummary = "Lists the subcommands.";

}  // namespace ringhold::rows
