// What may stand in a command: text (any bytes) and numbers.
#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <vector>

namespace ringhold {

// bool and single characters are left out, because one could mean either a number or a word by them.
template <typename T>
concept Argument = std::convertible_to<const T&, std::string_view> || std::floating_point<T> ||
    (std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
     !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>);

namespace detail {

template <Argument T>
std::string to_argument(const T& value) {
  if constexpr (std::convertible_to<const T&, std::string_view>) {
    return std::string(std::string_view(value));
  } else {
    char digits[64];  // of a double: the fewest that give the same double again
    const auto end = std::to_chars(digits, digits + sizeof(digits), value);
    return std::string(digits, end.ptr);
  }
}

template <Argument... Args>
std::vector<std::string> to_arguments(const Args&... args) {
  std::vector<std::string> all;
  all.reserve(sizeof...(args));
  (all.push_back(to_argument(args)), ...);
  return all;
}

}  // namespace detail

}  // namespace ringhold
