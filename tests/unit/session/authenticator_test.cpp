#include <doctest/doctest.h>

#include <string>

#include "common/session/authenticator.h"

using namespace ringhold;

namespace {

// printf 'pepperopen sesame' | sha256sum
constexpr std::string_view kHash = "1a62cb3bb3ecfcd0e49236c037d100f64ec07a1a3c5964db8d0bfb8a31a221fa";

Authenticator parsed(std::string_view text) {
  Result<Authenticator> result = Authenticator::parse(text);
  REQUIRE(result.ok());
  return std::move(*result);
}

std::string error_of(std::string_view text) {
  const Result<Authenticator> result = Authenticator::parse(text);
  REQUIRE(!result.ok());
  return result.error().message;
}

}  // namespace

TEST_CASE("users, roles and passwords, among comments and blank lines") {
  const Authenticator authenticator = parsed(
      "# the password file\n"
      "default:client:s3cret\n"
      "\n"
      "ops:admin:with:colons and blanks \r\n"
      "last:client:no newline at the end");
  CHECK(authenticator.has_passwords());
  CHECK(authenticator.check("default", "s3cret") == Role::kClient);
  CHECK(authenticator.check("ops", "with:colons and blanks ") == Role::kAdmin);
  CHECK(authenticator.check("last", "no newline at the end") == Role::kClient);
}

TEST_CASE("wrong passwords, wrong users, another user's password") {
  const Authenticator authenticator = parsed("a:client:first\nb:admin:second\n");
  CHECK(!authenticator.check("a", "second"));
  CHECK(!authenticator.check("b", "first"));
  CHECK(!authenticator.check("a", "firs"));
  CHECK(!authenticator.check("a", "first "));
  CHECK(!authenticator.check("a", "First"));
  CHECK(!authenticator.check("a", ""));
  CHECK(!authenticator.check("A", "first"));
  CHECK(!authenticator.check("", ""));
  CHECK(!authenticator.check("c", "first"));
  CHECK(!authenticator.check("a", std::string("first\0", 6)));
}

TEST_CASE("without a password file nobody is let in") {
  const Authenticator none;
  CHECK(!none.has_passwords());
  CHECK(!none.check("default", ""));
  CHECK(!none.check("", ""));
  CHECK(!parsed("").has_passwords());
  CHECK(!parsed("# nothing\n\n").has_passwords());
}

TEST_CASE("hashed passwords") {
  const std::string line = "u:client:sha256$pepper$" + std::string(kHash) + "\n";
  const Authenticator authenticator = parsed(line);
  CHECK(authenticator.check("u", "open sesame") == Role::kClient);
  CHECK(!authenticator.check("u", "pepperopen sesame"));
  CHECK(!authenticator.check("u", "Open sesame"));
  // The hash itself is not a password.
  CHECK(!authenticator.check("u", kHash));
  CHECK(!authenticator.check("u", line.substr(9, line.size() - 10)));
  // Two users with one salt, hex in upper case.
  std::string upper(kHash);
  for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'f' ? c - 32 : c);
  CHECK(parsed("v:admin:sha256$pepper$" + upper).check("v", "open sesame") == Role::kAdmin);
}

TEST_CASE("bad lines are named by number, and never quoted") {
  const std::string form = "write user:role:password";
  CHECK(error_of("hunter2") == "line 1: " + form);
  CHECK(error_of("# x\n\nuser:hunter2\n") == "line 3: " + form);
  CHECK(error_of("u:root:hunter2") == "line 1: the role must be client or admin");
  CHECK(error_of("u:node:hunter2") == "line 1: the role must be client or admin");
  CHECK(error_of("u:Admin:hunter2") == "line 1: the role must be client or admin");
  CHECK(error_of("u:admin:") == "line 1: the password is empty");
  CHECK(error_of(":admin:hunter2").find("line 1: the user's name must be") == 0);
  CHECK(error_of(" u:admin:hunter2").find("line 1: the user's name must be") == 0);
  CHECK(error_of("u:client:one\nu:admin:two") == "line 2: user 'u' stands here a second time");
  for (const char* secret : {"sha256$", "sha256$salt", "sha256$salt$", "sha256$salt$0123", "sha256$$0123"}) {
    CAPTURE(secret);
    const std::string error = error_of(std::string("u:client:") + secret);
    CHECK(error.find("line 1: write a hashed password as sha256$SALT$HEX") == 0);
  }
  CHECK(error_of("u:client:sha256$s$" + std::string(63, 'a') + "g").find("write a hashed password") !=
        std::string::npos);
  CHECK(error_of("u:client:sha256$$" + std::string(64, 'a')).find("write a hashed password") !=
        std::string::npos);
  for (const char* text :
       {"hunter2", "user:hunter2\n", "u:root:hunter2", " u:admin:hunter2", "u:client:sha256$hunter2"}) {
    CHECK(error_of(text).find("hunter2") == std::string::npos);
  }
}
