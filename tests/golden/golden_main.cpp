#include "tests/golden/golden_main.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/golden/golden_report.h"
#include "tests/golden/golden_script.h"

namespace ringhold::golden {
namespace {

namespace fs = std::filesystem;

struct Options {
  bool rewrite = false;
  bool xml = false;
  bool verbose = false;
  std::vector<fs::path> scripts;
};

bool is_comment(const std::string& line) {
  return line.starts_with('#');
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

// Runs a case with a runner of its own; puts the output of today into it.
CaseResult run_case(const Program& program, const fs::path& file, Case& one) {
  CaseResult result{.name = file.stem().string() + ": " + one.title, .file = file.string()};
  const auto start = std::chrono::steady_clock::now();
  const auto runner = program.make_runner();
  for (Block& block : one.blocks) {
    std::vector<std::string> commands = block.commands;
    std::erase_if(commands, is_comment);
    if (program.runs_all_blocks && !commands.empty()) block.has_replies = true;
    if (!block.has_replies) continue;
    std::vector<std::string> actual = runner->run(commands);
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

int run_scripts(const Program& program, const Options& options) {
  std::vector<CaseResult> results;
  for (const fs::path& path : options.scripts) {
    Script script = parse_script(read_file(path));
    if (script.cases.empty()) {
      results.push_back({.name = path.stem().string(), .file = path.string(), .difference = "no case in it"});
    }
    for (Case& one : script.cases) results.push_back(run_case(program, path, one));
    if (options.rewrite) std::ofstream(path, std::ios::binary) << format_script(script);
  }
  const auto failed = std::count_if(results.begin(), results.end(),
                                    [](const auto& result) { return !result.difference.empty(); });
  if (options.rewrite) {
    fmt::print("{} of {} cases rewritten\n", failed, results.size());
    return 0;
  }
  if (options.xml) {
    print_xml(program.name, results);
  } else {
    print_text(results, options.verbose);
  }
  return failed > 0 || results.empty() ? 1 : 0;
}

std::vector<fs::path> all_scripts(const Program& program) {
  std::vector<fs::path> scripts;
  if (!fs::is_directory(program.folder)) return scripts;
  for (const auto& file : fs::directory_iterator(program.folder)) scripts.push_back(file.path());
  std::sort(scripts.begin(), scripts.end());
  return scripts;
}

}  // namespace

int run_golden(const Program& program, std::span<char*> args) {
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
  if (options.scripts.empty()) options.scripts = all_scripts(program);
  if (options.scripts.empty()) {
    fmt::print(stderr, "{}: no {} here; run it in the root of the checkout\n", program.name, program.folder);
    return 2;
  }
  return run_scripts(program, options);
}

}  // namespace ringhold::golden
