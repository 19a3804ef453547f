#include "common/session/authenticator.h"

#include <fmt/core.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <utility>

#include "common/base/text.h"

namespace ringhold {
namespace {

using Sha256 = Authenticator::Sha256;

constexpr std::string_view kHashForm = "sha256$";

Sha256 salted_hash(std::string_view salt, std::string_view password) {
  std::string bytes(salt);
  bytes += password;
  Sha256 hash{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash.data());
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return hash;
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<Sha256> parse_hex(std::string_view hex) {
  Sha256 hash{};
  if (hex.size() != 2 * hash.size()) return std::nullopt;
  for (std::size_t i = 0; i < hash.size(); ++i) {
    const std::optional<unsigned> high = hex_digit(hex[2 * i]);
    const std::optional<unsigned> low = hex_digit(hex[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    hash[i] = static_cast<unsigned char>(*high * 16 + *low);
  }
  return hash;
}

// The roles that a password may give. Nodes are told by their certificates alone.
std::optional<Role> parse_role(std::string_view name) {
  if (name == "client") return Role::kClient;
  if (name == "admin") return Role::kAdmin;
  return std::nullopt;
}

bool is_user_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// Cuts `text` at its first `mark` and returns what was before; nothing if there is no mark.
std::optional<std::string_view> take_until(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at + 1);
  return taken;
}

}  // namespace

// Whatever is wrong, the message quotes no part of the line beyond its role: any other may be a password.
Result<Authenticator::User> Authenticator::parse_line(std::string_view line) {
  const std::optional<std::string_view> name = take_until(line, ':');
  const std::optional<std::string_view> role_text = name ? take_until(line, ':') : std::nullopt;
  if (!role_text) return Error{"write user:role:password"};
  if (!is_user_name(*name))
    return Error{"the user's name must be printable ASCII without blanks, and not empty"};
  const std::optional<Role> role = parse_role(*role_text);
  if (!role) return Error{"the role must be client or admin"};
  if (line.empty()) return Error{"the password is empty"};

  User user{std::string(*name), *role, {}, {}};
  if (line.substr(0, kHashForm.size()) != kHashForm) {
    user.hash = salted_hash({}, line);
    return user;
  }
  line.remove_prefix(kHashForm.size());
  const std::optional<std::string_view> salt = take_until(line, '$');
  const std::optional<Sha256> hash = parse_hex(line);
  if (!salt || salt->empty() || !hash) {
    return Error{"write a hashed password as sha256$SALT$HEX, where HEX is 64 hex digits"};
  }
  user.salt = *salt;
  user.hash = *hash;
  return user;
}

Result<Authenticator> Authenticator::parse(std::string_view text) {
  Authenticator authenticator;
  for (int number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;

    Result<User> user = parse_line(line);
    if (!user) return Error{fmt::format("line {}: {}", number, user.error().message)};
    for (const User& other : authenticator.users_) {
      if (other.name == user->name) {
        return Error{fmt::format("line {}: user '{}' stands here a second time", number, user->name)};
      }
    }
    authenticator.users_.push_back(std::move(*user));
  }
  return authenticator;
}

bool Authenticator::has_user(std::string_view name) const {
  return std::any_of(users_.begin(), users_.end(), [name](const User& user) { return user.name == name; });
}

std::optional<Role> Authenticator::check(std::string_view user, std::string_view password) const {
  // For a user that does not exist the same work is done, against a hash that nothing has.
  const User nobody;
  const User* found = &nobody;
  for (const User& candidate : users_) {
    if (candidate.name == user) found = &candidate;
  }
  const Sha256 hash = salted_hash(found->salt, password);
  const bool right = CRYPTO_memcmp(hash.data(), found->hash.data(), hash.size()) == 0;
  if (!right || found == &nobody) return std::nullopt;
  return found->role;
}

}  // namespace ringhold
