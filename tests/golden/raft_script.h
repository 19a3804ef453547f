// RaftScript: the directives of the scripts in tests/golden/raft, on a world of their own. Which there are:
// README.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/golden/golden_main.h"
#include "tests/golden/raft_world.h"

namespace ringhold::golden {

class RaftScript final : public CaseRunner {
 public:
  std::vector<std::string> run(const std::vector<std::string>& commands) override;

 private:
  using Words = std::vector<std::string_view>;
  // False: the words after the name make no sense.
  using Directive = bool (RaftScript::*)(const Words& words);
  struct Row {
    std::string_view name;
    Directive directive;
    bool is_setup = false;  // before the start
  };
  static const std::vector<Row>& rows();

  bool run_line(std::string_view line);
  void keep_alarms();

  // raft_setup.cpp: the picture to start from
  bool replicas(const Words& words);
  bool learner(const Words& words);
  bool empty(const Words& words);
  bool log(const Words& words);
  bool term(const Words& words);
  bool vote(const Words& words);
  bool applied(const Words& words);
  bool snapshot(const Words& words);
  bool option(const Words& words);

  // raft_script.cpp: what happens
  bool elect(const Words& words);
  bool lead(const Words& words);
  bool tick(const Words& words);
  bool advance(const Words& words);
  bool pass(const Words& words);
  bool deliver(const Words& words);
  bool drop(const Words& words);
  bool dup(const Words& words);
  bool cut(const Words& words);
  bool heal(const Words& words);

  // raft_disk_lines.cpp: disks and crashes
  bool disk(const Words& words);
  bool sync(const Words& words);
  bool stall(const Words& words);
  bool works(const Words& words);
  bool crash(const Words& words);
  bool restart(const Words& words);
  bool lose(const Words& words);
  bool spoil(const Words& words);
  bool no_snapshot(const Words& words);

  // raft_requests.cpp: what a shell asks of its core, and forged messages
  bool propose(const Words& words);
  bool member(const Words& words);
  bool transfer(const Words& words);
  bool may_lead(const Words& words);
  bool read(const Words& words);
  bool lease(const Words& words);
  bool compact(const Words& words);
  bool lost(const Words& words);
  bool forge(const Words& words);
  bool state(const Words& words);
  bool machine(const Words& words);
  bool members(const Words& words);
  bool wire(const Words& words);

  Node* node(std::string_view word);  // null: no such replica
  Node* node_up(const Words& words);  // the first word's, if it is up

  RaftWorld world_;
};

// "3" and nothing else.
std::optional<Number> parse_number(std::string_view word);
// "1->2", "*->2"; 0 stands for any.
std::optional<std::pair<Number, Number>> parse_link(std::string_view word);

}  // namespace ringhold::golden
