// What a request's target says: RFC 3986, as far as HTTP needs it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace ringhold {

// %XX becomes the byte; everything else stays as it is ('+' too). Any byte may come out, NUL included.
Result<std::string> percent_decoded(std::string_view text);

struct HttpTarget {
  std::string_view path;                                     // as sent, still encoded
  std::vector<std::pair<std::string, std::string>> queries;  // decoded, in the order sent
};
// The origin form ("/path?query"), or the absolute form, whose scheme and host are dropped. Views `target`.
Result<HttpTarget> parse_target(std::string_view target);

}  // namespace ringhold
