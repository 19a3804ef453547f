// The tag of a string value: what its ETag is over HTTP. Equal bytes have equal tags, on every server and in
// every version.
#pragma once

#include <string>
#include <string_view>

namespace ringhold {

// The XXH3-64 of the bytes (seed 0), as 16 hexadecimal digits in lower case.
std::string value_tag(std::string_view bytes);

// Whether this is what conditions are made of: "*" for any value, "-" for none, or tags separated by commas.
bool is_tag_list(std::string_view tags);

}  // namespace ringhold
