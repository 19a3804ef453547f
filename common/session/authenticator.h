// Who may do what: certificates' roles and the password file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.h"
#include "common/base/result.h"

namespace ringhold {

// The parsed --password-file: lines `user:role:password`, where password is plain text or
// `sha256$SALT$HEX` with HEX = sha256(SALT + password). '#' starts a comment line. Immutable; one per process, shared.
class Authenticator {
 public:
  // No password file: AUTH always fails with Redis's text about no password being set.
  Authenticator() = default;
  // `text` is the content; errors name the line, never the password. The caller has checked the file's mode.
  static Result<Authenticator> parse(std::string_view text);

  bool has_passwords() const { return !users_.empty(); }
  // The role of `user` if the password is right. Compares in constant time.
  std::optional<Role> check(std::string_view user, std::string_view password) const;

 private:
  struct User {
    std::string name;
    Role role;
    std::string salt;    // empty for a plain password
    std::string secret;  // the password, or the hash in hex
  };
  std::vector<User> users_;
};

}  // namespace ringhold
