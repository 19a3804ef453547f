#include "dataserver/store/value_tag.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace ringhold {

std::string value_tag(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const XXH64_hash_t hash = XXH3_64bits(bytes.data(), bytes.size());
  std::string tag;
  for (int shift = 60; shift >= 0; shift -= 4) tag += kDigits[hash >> shift & 15U];
  return tag;
}

bool is_tag_list(std::string_view tags) {
  constexpr std::size_t kDigits = 16;
  if (tags == "*" || tags == "-") return true;
  if (tags.size() % (kDigits + 1) != kDigits) return false;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const char c = tags[i];
    const bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (i % (kDigits + 1) == kDigits ? c != ',' : !is_digit) return false;
  }
  return true;
}

}  // namespace ringhold
