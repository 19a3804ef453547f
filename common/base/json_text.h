// Bytes as JSON: what every JSON document of this project says of bytes that may be no text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ringhold {

// Exactly the well-formed sequences of RFC 3629: no surrogates, nothing overlong, nothing above U+10FFFF.
bool is_utf8(std::string_view bytes);

// RFC 4648, with padding. The decoder takes nothing else, not even blanks.
std::string base64(std::string_view bytes);
std::optional<std::string> base64_decoded(std::string_view text);

// Appends a JSON string. Precondition: is_utf8(text).
void append_json_text(std::string& out, std::string_view text);

// Appends a JSON string, or {"base64": "..."} for what is not UTF-8.
void append_json_bytes(std::string& out, std::string_view bytes);

}  // namespace ringhold
