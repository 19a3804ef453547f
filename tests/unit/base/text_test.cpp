#include "common/base/text.h"

#include <doctest/doctest.h>

#include <limits>

namespace ringhold {
namespace {

TEST_CASE("parse_int64: exactly what Redis takes") {
  CHECK(parse_int64("0") == 0);
  CHECK(parse_int64("-1") == -1);
  CHECK(parse_int64("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  CHECK(parse_int64("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
  for (const char* bad :
       {"", "-", "+1", " 1", "1 ", "01", "-0", "00", "1a", "9223372036854775808", "0x1", "1.0"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_int64(bad).has_value());
  }
}

TEST_CASE("parse_size: units of 1024 with b, of 1000 without") {
  CHECK(parse_size("64mb").value() == 64ULL << 20U);
  CHECK(parse_size("1GB").value() == 1ULL << 30U);
  CHECK(parse_size("2k").value() == 2000);
  CHECK(parse_size("7").value() == 7);
  for (const char* bad : {"", "mb", "-1", "1 mb", "1tb", "99999999999999gb", "1.5gb"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_size(bad).ok());
  }
}

TEST_CASE("parse_duration: a bare number is seconds") {
  CHECK(parse_duration("250ms").value().count() == 250);
  CHECK(parse_duration("2").value().count() == 2000);
  CHECK(parse_duration("5m").value().count() == 300000);
  for (const char* bad : {"", "s", "-1s", "1d", "99999999999999999h"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_duration(bad).ok());
  }
}

TEST_CASE("printable: no control character gets through") {
  CHECK(printable("a\nb\\") == "a\\x0ab\\x5c");
  CHECK(printable("abcdef", 3) == "abc...");
}

}  // namespace
}  // namespace ringhold
