// What the golden programs have in common: arguments, scripts, comparing, rewriting, reporting.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ringhold::golden {

// What runs the lines of one case; each case gets a fresh one.
class CaseRunner {
 public:
  virtual ~CaseRunner() = default;
  // The lines that come out of a block's commands, of which comments have been taken out.
  virtual std::vector<std::string> run(const std::vector<std::string>& commands) = 0;
};

struct Program {
  std::string name;    // "golden-commands"
  std::string folder;  // of the scripts, from the root of the checkout
  // A block without "----" counts as one with nothing expected; else it is comments.
  bool runs_all_blocks = false;
  std::function<std::unique_ptr<CaseRunner>()> make_runner;
};

// Of main; the value is the exit status.
int run_golden(const Program& program, std::span<char*> args);

}  // namespace ringhold::golden
