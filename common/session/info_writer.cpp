#include "common/session/info_writer.h"

#include <array>

namespace ringhold {

std::string human_bytes(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{}B", bytes);
  constexpr std::array kUnits{'K', 'M', 'G', 'T', 'P', 'E'};
  std::size_t unit = 0;
  double value = static_cast<double>(bytes) / 1024;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.2f}{}", value, kUnits[unit]);
}

void InfoWriter::bytes(std::string_view name, std::uint64_t value) {
  field(name, value);
  fmt::format_to(std::back_inserter(text_), "{}_human:{}\r\n", name, human_bytes(value));
}

}  // namespace ringhold
