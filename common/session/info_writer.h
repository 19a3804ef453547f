// Builds INFO's text: sections of "name:value" lines, in Redis's form.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace ringhold {

class InfoWriter {
 public:
  // "# Server", with an empty line in front of it unless it is the first one.
  void section(std::string_view title) {
    fmt::format_to(std::back_inserter(text_), "{}# {}\r\n", text_.empty() ? "" : "\r\n", title);
  }
  template <typename Value>
  void field(std::string_view name, const Value& value) {
    fmt::format_to(std::back_inserter(text_), "{}:{}\r\n", name, value);
  }
  // With a number of decimals.
  void decimal(std::string_view name, double value, int decimals) {
    fmt::format_to(std::back_inserter(text_), "{}:{:.{}f}\r\n", name, value, decimals);
  }
  // `name` in bytes, and `name`_human.
  void bytes(std::string_view name, std::uint64_t value);

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

// "512B", "1.50K", "2.00G": as Redis's bytesToHuman.
std::string human_bytes(std::uint64_t bytes);

}  // namespace ringhold
