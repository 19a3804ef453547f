#include "common/cli/command_line.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <vector>

#include "common/base/log.h"
#include "common/base/text.h"

namespace ringhold {

struct CommandLine::Impl {
  CLI::App app;
};

namespace {

constexpr std::uint64_t kMega = 1U << 20U;

std::string text_of(std::chrono::milliseconds duration) {
  const auto ms = duration.count();
  return ms % 1000 == 0 ? fmt::format("{}s", ms / 1000) : fmt::format("{}ms", ms);
}

std::string text_of_size(std::uint64_t bytes) {
  return bytes != 0 && bytes % kMega == 0 ? fmt::format("{}mb", bytes / kMega) : std::to_string(bytes);
}

// CLI11 writes some of its messages over several lines.
std::string on_one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// What nobody has asked for: rather the unknown option than what looked like its value.
std::string describe_extra(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word.size() > 1 && word.front() == '-') return fmt::format("unknown option '{}'", printable(word));
  }
  return fmt::format("unexpected argument '{}'", words.empty() ? "" : printable(words.front()));
}

// CLI11 says "INI was not able to parse NAME".
std::string describe_config(std::string_view what) {
  const std::size_t blank = what.rfind(' ');
  const std::string_view name = blank == std::string_view::npos ? what : what.substr(blank + 1);
  return fmt::format("--config: '{}' is not an option; lines are NAME = \"VALUE\"", printable(name));
}

}  // namespace

CommandLine::CommandLine(std::string program, const std::string& summary)
    : program_(std::move(program)), impl_(std::make_unique<Impl>()) {
  CLI::App& app = impl_->app;
  app.description(summary);
  app.name(program_);
  app.get_formatter()->column_width(38);
  app.set_help_flag("-h,--help", "Show this and exit");
  app.set_version_flag("--version", program_ + " " + RINGHOLD_VERSION, "Show the version and exit");
  app.set_config("--config", "", "Read options from this TOML file; their names are those of the flags")
      ->type_name("FILE");
  app.allow_config_extras(CLI::config_extras_mode::error);
  option(
      "log-level", "info", "What to log on stderr: debug, info, warn, error or off",
      [](const std::string& level) {
        if (log::set_level(level)) return Result<void>();
        return Result<void>(Error{"'" + level + "' is not a log level; use debug, info, warn, error or off"});
      });
}

CommandLine::~CommandLine() = default;

void CommandLine::option(const std::string& name, const std::string& current, const std::string& help,
                         std::function<Result<void>(const std::string&)> take) {
  const std::string dashed = "--" + name;
  const auto on_value = [dashed, take = std::move(take)](const std::string& text) {
    if (const auto taken = take(text); !taken) throw CLI::ValidationError(dashed, taken.error().message);
  };
  auto* added = impl_->app.add_option_function<std::string>(dashed, on_value, help);
  added->take_last()->type_name("");
  if (!current.empty()) added->default_str(current);
}

void CommandLine::text(const std::string& name, std::string& target, const std::string& help) {
  option(name, target, help, [&target](const std::string& text) {
    target = text;
    return Result<void>();
  });
}

void CommandLine::flag(const std::string& name, bool& target, const std::string& help) {
  impl_->app.add_flag("--" + name, target, help);
}

void CommandLine::number(const std::string& name, std::uint32_t& target,
                         std::pair<std::uint32_t, std::uint32_t> range, const std::string& help) {
  option(name, std::to_string(target), help, [&target, range](const std::string& text) -> Result<void> {
    const auto value = parse_uint64(text);
    if (!value || *value < range.first || *value > range.second) {
      return Error{
          fmt::format("'{}' is not a number from {} to {}", printable(text), range.first, range.second)};
    }
    target = static_cast<std::uint32_t>(*value);
    return {};
  });
}

void CommandLine::size(const std::string& name, std::uint64_t& target, const std::string& help) {
  option(name, text_of_size(target), help, [&target](const std::string& text) -> Result<void> {
    const auto value = parse_size(text);
    if (!value) return value.error();
    target = *value;
    return {};
  });
}

void CommandLine::duration(const std::string& name, std::chrono::milliseconds& target,
                           const std::string& help) {
  option(name, text_of(target), help, [&target](const std::string& text) -> Result<void> {
    const auto value = parse_duration(text);
    if (!value) return value.error();
    if (value->count() == 0) return Error{"must be longer than 0"};
    target = *value;
    return {};
  });
}

void CommandLine::address(const std::string& name, Address& target, const std::string& help) {
  option(name, target.text(), help, [&target](const std::string& text) -> Result<void> {
    auto value = parse_address(text);
    if (!value) return value.error();
    target = std::move(*value);
    return {};
  });
}

void CommandLine::address(const std::string& name, std::optional<Address>& target, const std::string& help) {
  option(name, target ? target->text() : "", help, [&target](const std::string& text) -> Result<void> {
    auto value = parse_address(text);
    if (!value) return value.error();
    target = std::move(*value);
    return {};
  });
}

std::optional<int> CommandLine::parse(int argc, const char* const* argv) {
  try {
    impl_->app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", impl_->app.help());
    return 0;
  } catch (const CLI::CallForVersion& version) {
    fmt::print("{}\n", version.what());
    return 0;
  } catch (const CLI::ConfigError& error) {
    return usage_error(describe_config(error.what()));
  } catch (const CLI::FileError& error) {
    return usage_error(fmt::format("--config: {}", error.what()));
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string_view what = error.what();  // "--name: 1 required  missing"
    return usage_error(fmt::format("{} needs a value", what.substr(0, what.find(':'))));
  } catch (const CLI::ExtrasError&) {
    return usage_error(describe_extra(impl_->app.remaining()));
  } catch (const CLI::ParseError& error) {
    return usage_error(error.what());
  }
  return std::nullopt;
}

void CommandLine::complain(std::string_view message) const {
  fmt::print(stderr, "{}: {}\n", program_, on_one_line(std::string(message)));
}

int CommandLine::usage_error(std::string_view message) const {
  complain(fmt::format("{}; see {} --help", on_one_line(std::string(message)), program_));
  return kExitUsage;
}

}  // namespace ringhold
