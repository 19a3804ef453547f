// What Ringhold reads from certificates, and PEM files as lists of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/net/openssl_types.h"

namespace ringhold {

// The role that the subject's OU gives: node, admin, else client. Of several OUs the strongest counts.
Role certificate_role(const X509* certificate);
// The subject's CN, printable; empty if there is none.
std::string certificate_common_name(const X509* certificate);
// Seconds since the Unix epoch.
std::int64_t not_after(const X509* certificate);
// Empty if the certificate is valid now, else "expired on 2026-01-31" or "is not valid before 2026-01-31".
std::string invalid_now(const X509* certificate);
// "2026-01-31" (UTC).
std::string date_text(std::int64_t unix_seconds);

// All certificates of a PEM text, in order. `path` is for the error: no certificate in it, or a damaged one.
Result<std::vector<X509Ptr>> parse_certificates(std::string_view pem, const std::string& path);
// The private key of a PEM text. Errors: none in it, encrypted, damaged.
Result<KeyPtr> parse_private_key(std::string_view pem, const std::string& path);

}  // namespace ringhold
