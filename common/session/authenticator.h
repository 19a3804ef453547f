// Who may do what: certificates' roles and the password file.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.h"
#include "common/base/result.h"

namespace ringhold {

// The parsed --password-file: lines `user:role:password`, where role is `client` or `admin`, and password is
// plain text or `sha256$SALT$HEX` with HEX = sha256(SALT + password). '#' starts a comment line. Passwords
// are not kept, only their hashes. Immutable; one per process, shared by its loops.
class Authenticator {
 public:
  using Sha256 = std::array<unsigned char, 32>;

  // No password file: every check fails.
  Authenticator() = default;
  // `text` is the content; errors name the line, never the password. The caller has checked the file's mode.
  static Result<Authenticator> parse(std::string_view text);

  // How long it takes may tell: not for clients that have yet to say who they are.
  bool has_user(std::string_view name) const;
  bool has_passwords() const { return !users_.empty(); }
  // The role of `user` if the password is right. How long it takes tells neither how much of the password was
  // right nor whether there is such a user.
  std::optional<Role> check(std::string_view user, std::string_view password) const;

 private:
  struct User {
    std::string name;
    Role role = Role::kNone;
    std::string salt;  // empty for a password that was given in plain text
    Sha256 hash{};     // of salt and password
  };
  static Result<User> parse_line(std::string_view line);

  std::vector<User> users_;
};

}  // namespace ringhold
