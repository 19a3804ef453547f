#include "tests/golden/golden_script.h"

namespace ringhold::golden {

namespace {

constexpr std::string_view kTitle = "## ";
constexpr std::string_view kSeparator = "----";

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

void append_lines(std::string& text, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) text.append(line).push_back('\n');
}

}  // namespace

Script parse_script(std::string_view text) {
  Script script;
  bool in_block = false;
  std::size_t number = 0;
  for (std::string& line : split_lines(text)) {
    ++number;
    if (line.starts_with(kTitle)) {
      script.cases.push_back({line.substr(kTitle.size()), {}});
      in_block = false;
    } else if (script.cases.empty()) {
      script.preamble.push_back(std::move(line));
    } else if (line.empty()) {
      in_block = false;
    } else {
      auto& blocks = script.cases.back().blocks;
      if (!in_block) blocks.push_back({.line = number});
      in_block = true;
      Block& block = blocks.back();
      if (line == kSeparator && !block.has_replies) {
        block.has_replies = true;
      } else {
        (block.has_replies ? block.expected : block.commands).push_back(std::move(line));
      }
    }
  }
  return script;
}

std::string format_script(const Script& script) {
  std::string text;
  append_lines(text, script.preamble);
  bool first = true;
  for (const Case& one : script.cases) {
    if (!first) text.push_back('\n');
    first = false;
    text.append(kTitle).append(one.title).push_back('\n');
    for (const Block& block : one.blocks) {
      text.push_back('\n');
      append_lines(text, block.commands);
      if (block.has_replies) text.append(kSeparator).push_back('\n');
      append_lines(text, block.expected);
    }
  }
  return text;
}

}  // namespace ringhold::golden
