// CommandLine: the options of one program, on CLI11.
//
// Every program gets --help, --version, --config FILE (TOML, same names as the flags) and --log-level. What
// is wrong ends in one line on stderr that says what to do, and exit code 2. An option that is given twice
// counts the last time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/reactor/address.h"

namespace ringhold {

class CommandLine {
 public:
  static constexpr int kExitUsage = 2;

  CommandLine(std::string program, const std::string& summary);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // Each declares --name, which sets `target`; what it holds now is the default, and shown by --help. Targets
  // outlive parse().
  void text(const std::string& name, std::string& target, const std::string& help);
  void flag(const std::string& name, bool& target, const std::string& help);
  void number(const std::string& name, std::uint32_t& target, std::pair<std::uint32_t, std::uint32_t> range,
              const std::string& help);
  void size(const std::string& name, std::uint64_t& target, const std::string& help);
  // Zero is refused.
  void duration(const std::string& name, std::chrono::milliseconds& target, const std::string& help);
  void address(const std::string& name, Address& target, const std::string& help);
  void address(const std::string& name, std::optional<Address>& target, const std::string& help);

  template <typename T>
  void choice(const std::string& name, T& target,
              std::initializer_list<std::pair<std::string_view, T>> choices, const std::string& help) {
    std::string words;
    std::string current;
    for (const auto& [word, value] : choices) {
      words.append(words.empty() ? "" : ", ").append(word);
      if (value == target) current = word;
    }
    const std::vector<std::pair<std::string_view, T>> known(choices);
    option(name, current, help + " (" + words + ")", [&target, known, words](const std::string& text) {
      for (const auto& [word, value] : known) {
        if (text != word) continue;
        target = value;
        return Result<void>();
      }
      return Result<void>(Error{"'" + text + "' is not one of " + words});
    });
  }

  // Nothing: go on. Else the program ends with that exit code; what is to be said has been said.
  std::optional<int> parse(int argc, const char* const* argv);

  // Prints "PROGRAM: MESSAGE" on stderr, as one line.
  void complain(std::string_view message) const;
  // Likewise, for what parse() cannot see; returns the exit code.
  int usage_error(std::string_view message) const;

 private:
  struct Impl;

  void option(const std::string& name, const std::string& current, const std::string& help,
              std::function<Result<void>(const std::string&)> take);

  std::string program_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ringhold
