// A golden script as it stands in its file: cases of blocks of lines. The format: README.md.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ringhold::golden {

// One block: what is run, and what must come out. Comment lines in `commands` stay where they are, for
// rewriting.
struct Block {
  std::size_t line = 0;  // of its first line, from 1
  std::vector<std::string> commands;
  std::vector<std::string> expected;
  bool has_replies = false;  // there was a "----"; a block without one is just comments
};

struct Case {
  std::string title;
  std::vector<Block> blocks;
};

struct Script {
  std::vector<std::string> preamble;  // lines before the first case
  std::vector<Case> cases;
};

Script parse_script(std::string_view text);
// The script as text again, with `expected` as it is now.
std::string format_script(const Script& script);

}  // namespace ringhold::golden
