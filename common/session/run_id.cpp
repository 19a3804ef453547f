#include "common/session/run_id.h"

namespace ringhold {

std::string make_run_id(Rng& rng) {
  constexpr std::size_t kDigits = 40;
  std::string text;
  while (text.size() < kDigits) {
    Id128 id;
    for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(rng.next());
    text += id.hex();
  }
  return text.substr(0, kDigits);
}

}  // namespace ringhold
