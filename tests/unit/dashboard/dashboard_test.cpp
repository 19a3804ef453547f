#include "proxy/dashboard.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace ringhold {
namespace {

std::string file_bytes(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("the page in the program is the file, byte for byte") {
  const std::string file = file_bytes(RINGHOLD_DASHBOARD_FILE);
  REQUIRE(!file.empty());
  CHECK(dashboard_page().size() == file.size());
  CHECK((dashboard_page() == file));
}

TEST_CASE("the page asks nobody for anything but its proxy, and never takes text for markup") {
  for (const char* word : {"src=\"http", "href=\"http", "//cdn", "@import", "url(http", "innerHTML",
                           "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"}) {
    CAPTURE(word);
    CHECK(dashboard_page().find(word) == std::string_view::npos);
  }
}

}  // namespace
}  // namespace ringhold
