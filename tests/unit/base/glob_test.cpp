#include "common/base/glob.h"

#include <doctest/doctest.h>

#include <string>

using ringhold::glob_match;
using ringhold::GlobCase;

TEST_CASE("glob: plain text, question marks and stars") {
  CHECK(glob_match("", ""));
  CHECK_FALSE(glob_match("", "a"));
  CHECK(glob_match("abc", "abc"));
  CHECK_FALSE(glob_match("abc", "abcd"));
  CHECK_FALSE(glob_match("abcd", "abc"));
  CHECK(glob_match("a?c", "axc"));
  CHECK_FALSE(glob_match("a?", "a"));
  CHECK(glob_match("*", ""));
  CHECK(glob_match("**", "anything"));
  CHECK(glob_match("h*llo", "heeeello"));
  CHECK(glob_match("*a*b*", "xxaxxbxx"));
  CHECK_FALSE(glob_match("*a*b", "xxaxxbxx"));
  CHECK(glob_match("*ab", "aaab"));
}

TEST_CASE("glob: classes as Redis reads them") {
  CHECK(glob_match("h[ae]llo", "hallo"));
  CHECK_FALSE(glob_match("h[ae]llo", "hillo"));
  CHECK(glob_match("h[^e]llo", "hallo"));
  CHECK_FALSE(glob_match("h[^e]llo", "hello"));
  CHECK(glob_match("h[a-c]llo", "hbllo"));
  CHECK(glob_match("h[c-a]llo", "hbllo"));
  CHECK_FALSE(glob_match("h[a-c]llo", "hdllo"));
  CHECK(glob_match("[\\]]", "]"));
  CHECK(glob_match("a[bc", "ab"));
  // What a backslash makes plain is passed over even if the class has matched already.
  CHECK(glob_match("[d\\]e]f", "df"));
  CHECK_FALSE(glob_match("[d\\]e]f", "d"));
  CHECK_FALSE(glob_match("a[]", "a"));
  CHECK(glob_match("[\x80-\xff]", "\xe9"));
}

TEST_CASE("glob: a backslash makes the next character plain") {
  CHECK(glob_match("a\\*c", "a*c"));
  CHECK_FALSE(glob_match("a\\*c", "abc"));
  CHECK(glob_match("a\\", "a\\"));
}

TEST_CASE("glob: letters without regard to case, where asked") {
  CHECK_FALSE(glob_match("MAX*", "maxmemory"));
  CHECK(glob_match("MAX*", "maxmemory", GlobCase::kIgnore));
  CHECK(glob_match("[L-N]ax", "MAX", GlobCase::kIgnore));
}

TEST_CASE("glob: a hostile pattern costs no more than the product of the lengths") {
  std::string pattern;
  for (int i = 0; i < 60; ++i) pattern += "a*";
  pattern += "b";
  CHECK_FALSE(glob_match(pattern, std::string(20000, 'a')));
}
