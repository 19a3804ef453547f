// OpenSSL's failures as sentences for people.
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/net/openssl_types.h"

namespace ringhold {

// Empties this thread's error queue. The result is what OpenSSL calls the first error, or "unknown reason".
std::string take_openssl_errors();

// Why a call on `ssl` failed; empties the error queue. Says which side refused what, and what may be done.
// `refused_name` is the CN of the peer's certificate if that was not accepted.
Error describe_tls_failure(const SSL* ssl, const std::string& refused_name);

}  // namespace ringhold
