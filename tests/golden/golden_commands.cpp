// golden-commands: runs the golden scripts of tests/golden/commands. See README.md.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/golden/golden_report.h"
#include "tests/golden/golden_script.h"
#include "tests/golden/golden_session.h"

namespace ringhold::golden {
namespace {

namespace fs = std::filesystem;

struct Options {
  bool rewrite = false;
  bool xml = false;
  bool verbose = false;
  std::vector<fs::path> scripts;
};

std::vector<std::string> run_block(Session& session, const Block& block) {
  std::vector<std::string> lines;
  for (const std::string& command : block.commands) {
    if (command.starts_with('#')) continue;
    const std::string reply = session.run(command);
    if (reply.empty()) continue;
    for (std::string& line : printed_lines(reply)) lines.push_back(std::move(line));
  }
  return lines;
}

std::string difference(const Block& block, const std::vector<std::string>& actual) {
  std::string text;
  for (const std::string& line : block.commands) text += "  " + line + "\n";
  const std::size_t count = std::max(block.expected.size(), actual.size());
  for (std::size_t i = 0; i < count; ++i) {
    const bool has_expected = i < block.expected.size();
    const bool has_actual = i < actual.size();
    if (has_expected && has_actual && block.expected[i] == actual[i]) {
      text += "  " + actual[i] + "\n";
      continue;
    }
    if (has_expected) text += "- " + block.expected[i] + "\n";
    if (has_actual) text += "+ " + actual[i] + "\n";
  }
  return text;
}

// Runs a case in a session of its own; puts the replies of today into it.
CaseResult run_case(const fs::path& file, Case& one) {
  CaseResult result{.name = file.stem().string() + ": " + one.title, .file = file.string()};
  const auto start = std::chrono::steady_clock::now();
  Session session;
  for (Block& block : one.blocks) {
    if (!block.has_replies) continue;
    std::vector<std::string> actual = run_block(session, block);
    if (actual != block.expected && result.difference.empty()) {
      result.line = block.line;
      result.difference = difference(block, actual);
    }
    block.expected = std::move(actual);
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

int run_scripts(const Options& options) {
  std::vector<CaseResult> results;
  for (const fs::path& path : options.scripts) {
    Script script = parse_script(read_file(path));
    if (script.cases.empty()) {
      results.push_back({.name = path.stem().string(), .file = path.string(), .difference = "no case in it"});
    }
    for (Case& one : script.cases) results.push_back(run_case(path, one));
    if (options.rewrite) std::ofstream(path, std::ios::binary) << format_script(script);
  }
  const auto failed = std::count_if(results.begin(), results.end(),
                                    [](const auto& result) { return !result.difference.empty(); });
  if (options.rewrite) {
    fmt::print("{} of {} cases rewritten\n", failed, results.size());
    return 0;
  }
  if (options.xml) {
    print_xml(results);
  } else {
    print_text(results, options.verbose);
  }
  return failed > 0 || results.empty() ? 1 : 0;
}

std::vector<fs::path> all_scripts() {
  std::vector<fs::path> scripts;
  for (const auto& file : fs::directory_iterator("tests/golden/commands")) scripts.push_back(file.path());
  std::sort(scripts.begin(), scripts.end());
  return scripts;
}

int main_of_golden_commands(std::span<char*> args) {
  Options options;
  for (const std::string_view arg : args.subspan(1)) {
    if (arg == "--rewrite") {
      options.rewrite = true;
    } else if (arg == "-v") {
      options.verbose = true;
    } else if (arg == "--reporters=xml") {
      options.xml = true;
    } else if (!arg.starts_with("--duration")) {
      options.scripts.emplace_back(arg);
    }
  }
  if (options.scripts.empty() && fs::is_directory("tests/golden/commands")) options.scripts = all_scripts();
  if (options.scripts.empty()) {
    fmt::print(stderr,
               "golden-commands: no tests/golden/commands here; run it in the root of the checkout\n");
    return 2;
  }
  return run_scripts(options);
}

}  // namespace
}  // namespace ringhold::golden

int main(int argc, char** argv) {
  return ringhold::golden::main_of_golden_commands({argv, static_cast<std::size_t>(argc)});
}
