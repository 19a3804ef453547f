#include "tests/golden/golden_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

namespace ringhold::golden {

namespace {

std::string escape_xml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

}  // namespace

void print_text(const std::vector<CaseResult>& results, bool verbose) {
  for (const CaseResult& result : results) {
    if (!result.difference.empty()) {
      fmt::print("FAIL {}\n{}:{}\n{}\n", result.name, result.file, result.line, result.difference);
    } else if (verbose) {
      fmt::print("ok   {}\n", result.name);
    }
  }
  const auto failed = std::count_if(results.begin(), results.end(),
                                    [](const CaseResult& result) { return !result.difference.empty(); });
  fmt::print("{} passed, {} failed\n", static_cast<std::ptrdiff_t>(results.size()) - failed, failed);
}

void print_xml(const std::string& program, const std::vector<CaseResult>& results) {
  fmt::print("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<doctest binary=\"{}\">\n  <TestSuite>\n", program);
  for (const CaseResult& result : results) {
    const bool passed = result.difference.empty();
    fmt::print("    <TestCase name=\"{}\" filename=\"{}\" line=\"{}\">\n", escape_xml(result.name),
               escape_xml(result.file), result.line);
    if (!passed) {
      fmt::print("      <Message type=\"ERROR\" filename=\"{}\" line=\"{}\"><Text>{}</Text></Message>\n",
                 escape_xml(result.file), result.line, escape_xml(result.difference));
    }
    fmt::print(
        "      <OverallResultsAsserts successes=\"{}\" failures=\"{}\" test_case_success=\"{}\" "
        "duration=\"{:.6f}\"/>\n",
        passed ? 1 : 0, passed ? 0 : 1, passed, result.seconds);
    fmt::print("    </TestCase>\n");
  }
  fmt::print("  </TestSuite>\n</doctest>\n");
}

}  // namespace ringhold::golden
