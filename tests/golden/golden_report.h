// What came out of the cases: for people, and as the document of doctest's XML reporter, which tests/run
// reads.
#pragma once

#include <string>
#include <vector>

namespace ringhold::golden {

struct CaseResult {
  std::string name;  // "strings: SET with NX"
  std::string file;
  std::size_t line = 0;    // of the failure
  std::string difference;  // empty: passed
  double seconds = 0;
};

void print_text(const std::vector<CaseResult>& results, bool verbose);
void print_xml(const std::string& program, const std::vector<CaseResult>& results);

}  // namespace ringhold::golden
