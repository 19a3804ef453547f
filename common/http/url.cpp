#include "common/http/url.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/base/text.h"

namespace ringhold {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Result<std::string> percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return Error{
          fmt::format("'{}' is no percent-encoding: write %XX with two hexadecimal digits, and %25 for '%'",
                      printable(text.substr(i, 3)))};
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

Result<HttpTarget> parse_target(std::string_view target) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!equals_ignore_case(target.substr(0, scheme.size()), scheme)) continue;
    const std::size_t path = target.find_first_of("/?", scheme.size());
    target = path == std::string_view::npos || target[path] == '?' ? "/" : target.substr(path);
  }
  HttpTarget parsed;
  const std::size_t mark = target.find('?');
  parsed.path = target.substr(0, mark);
  if (!parsed.path.starts_with('/')) return Error{"the request's target must begin with a '/'"};
  std::string_view query = mark == std::string_view::npos ? "" : target.substr(mark + 1);
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    auto name = percent_decoded(pair.substr(0, equals));
    auto value = percent_decoded(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
    if (!name) return name.error();
    if (!value) return value.error();
    parsed.queries.emplace_back(std::move(*name), std::move(*value));
  }
  return parsed;
}

}  // namespace ringhold
