// golden-raft: runs the golden scripts of tests/golden/raft. See README.md.
#include "tests/golden/golden_main.h"
#include "tests/golden/raft_script.h"

int main(int argc, char** argv) {
  using namespace ringhold::golden;
  const Program program{
      .name = "golden-raft", .folder = "tests/golden/raft", .runs_all_blocks = true, .make_runner = [] {
        return std::make_unique<RaftScript>();
      }};
  return run_golden(program, {argv, static_cast<std::size_t>(argc)});
}
