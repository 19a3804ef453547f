// golden-commands: runs the golden scripts of tests/golden/commands. See README.md.
#include "tests/golden/golden_main.h"
#include "tests/golden/golden_session.h"

namespace ringhold::golden {
namespace {

class CommandRunner final : public CaseRunner {
 public:
  std::vector<std::string> run(const std::vector<std::string>& commands) override {
    std::vector<std::string> lines;
    for (const std::string& command : commands) {
      const std::string reply = session_.run(command);
      if (reply.empty()) continue;
      for (std::string& line : printed_lines(reply)) lines.push_back(std::move(line));
    }
    return lines;
  }

 private:
  Session session_;
};

}  // namespace
}  // namespace ringhold::golden

int main(int argc, char** argv) {
  using namespace ringhold::golden;
  const Program program{.name = "golden-commands", .folder = "tests/golden/commands", .make_runner = [] {
                          return std::make_unique<CommandRunner>();
                        }};
  return run_golden(program, {argv, static_cast<std::size_t>(argc)});
}
