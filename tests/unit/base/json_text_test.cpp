#include "common/base/json_text.h"

#include <doctest/doctest.h>

namespace ringhold {
namespace {

TEST_CASE("is_utf8: RFC 3629") {
  for (const char* good : {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                           "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    CAPTURE(good);
    CHECK(is_utf8(good));
  }
  for (const char* bad :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xc3(", "\xe2(\xa1"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_utf8(bad));
  }
}

TEST_CASE("base64: RFC 4648's test vectors") {
  CHECK(base64("").empty());
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64("\xff\xff\xfe") == "///+");
  for (const char* bytes : {"", "f", "fo", "foo", "foobar", "\xff\xff\xfe"}) {
    CHECK(base64_decoded(base64(bytes)) == bytes);
  }
  for (const char* bad : {"Zg", "Zg=", "Z===", "Zg==Zg==", "Z g=", "Zm9v\n", "=Zm9", "Zm-_"}) {
    CAPTURE(bad);
    CHECK_FALSE(base64_decoded(bad));
  }
}

}  // namespace
}  // namespace ringhold
