#include "common/base/ids.h"

namespace ringhold {

std::string Id128::hex() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(32);
  for (const std::uint8_t byte : bytes) {
    text.push_back(kDigits[byte >> 4U]);
    text.push_back(kDigits[byte & 15U]);
  }
  return text;
}

const char* role_name(Role role) {
  switch (role) {
    case Role::kNone:
      return "none";
    case Role::kClient:
      return "client";
    case Role::kAdmin:
      return "admin";
    case Role::kNode:
      return "node";
  }
  return "none";
}

}  // namespace ringhold
