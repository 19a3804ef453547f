// Glob patterns as Redis matches them (KEYS, SCAN MATCH, CONFIG GET): * ? [abc] [^abc] [a-z] and \x for a
// plain x.
#pragma once

#include <string_view>

namespace ringhold {

enum class GlobCase { kExact, kIgnore };  // kIgnore: ASCII letters only

// Whether the whole of `text` matches. Time is at most the product of both lengths, whatever the pattern.
bool glob_match(std::string_view pattern, std::string_view text, GlobCase letter_case = GlobCase::kExact);

// Whether `pattern` holds a character that glob_match treats as special.
bool is_glob(std::string_view pattern);

}  // namespace ringhold
