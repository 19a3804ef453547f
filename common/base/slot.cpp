#include "common/base/slot.h"

#include <array>
#include <cstddef>

namespace ringhold {

namespace {

// Four tables let four bytes be folded at once (slicing-by-4); keys are short, so a hash costs a few ns.
constexpr auto make_tables() {
  std::array<std::array<std::uint16_t, 256>, 4> tables{};
  for (unsigned i = 0; i < 256; ++i) {
    unsigned crc = i << 8U;
    for (int bit = 0; bit < 8; ++bit) crc = (crc << 1U) ^ ((crc & 0x8000U) != 0 ? 0x1021U : 0U);
    tables[0][i] = static_cast<std::uint16_t>(crc);
  }
  for (std::size_t k = 1; k < 4; ++k) {
    for (std::size_t i = 0; i < 256; ++i) {
      const unsigned before = tables[k - 1][i];
      tables[k][i] = static_cast<std::uint16_t>((before << 8U) ^ tables[0][before >> 8U]);
    }
  }
  return tables;
}

constexpr auto kTables = make_tables();

}  // namespace

std::uint16_t crc16(std::string_view bytes) {
  unsigned crc = 0;
  std::size_t i = 0;
  const auto at = [&bytes](std::size_t k) { return static_cast<unsigned char>(bytes[k]); };
  for (; i + 4 <= bytes.size(); i += 4) {
    crc = static_cast<unsigned>(kTables[3][((crc >> 8U) ^ at(i)) & 255U]) ^
          kTables[2][(crc ^ at(i + 1)) & 255U] ^ kTables[1][at(i + 2)] ^ kTables[0][at(i + 3)];
  }
  for (; i < bytes.size(); ++i) {
    crc = ((crc << 8U) ^ kTables[0][((crc >> 8U) ^ at(i)) & 255U]) & 0xFFFFU;
  }
  return static_cast<std::uint16_t>(crc);
}

std::string_view hash_tag(std::string_view key) {
  const std::size_t open = key.find('{');
  if (open == std::string_view::npos) return key;
  const std::size_t close = key.find('}', open + 1);
  if (close == std::string_view::npos || close == open + 1) return key;
  return key.substr(open + 1, close - open - 1);
}

}  // namespace ringhold
