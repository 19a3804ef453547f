#include "common/net/tls_error.h"

#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <string_view>

namespace ringhold {

namespace {

struct Sentence {
  int reason;
  std::string_view text;
};

constexpr std::string_view kNoTls = "the peer did not speak TLS";
constexpr std::string_view kOldTls = "the peer offers no version of TLS from 1.2 on";

constexpr std::array kSentences = {
    // What arrived was no TLS at all, or too old.
    Sentence{SSL_R_HTTP_REQUEST, kNoTls},
    Sentence{SSL_R_HTTPS_PROXY_REQUEST, kNoTls},
    Sentence{SSL_R_WRONG_VERSION_NUMBER, kNoTls},
    Sentence{SSL_R_UNKNOWN_PROTOCOL, kNoTls},
    Sentence{SSL_R_BAD_RECORD_TYPE, kNoTls},
    Sentence{SSL_R_PACKET_LENGTH_TOO_LONG, kNoTls},
    Sentence{SSL_R_ENCRYPTED_LENGTH_TOO_LONG, kNoTls},
    Sentence{SSL_R_UNSUPPORTED_PROTOCOL, kOldTls},
    Sentence{SSL_R_VERSION_TOO_LOW, kOldTls},
    Sentence{SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, "the peer refused our versions of TLS (1.2 and 1.3)"},
    Sentence{SSL_R_NO_SHARED_CIPHER, "the peer offers no cipher that is accepted here"},
    // What this side refused.
    Sentence{SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE,
             "the peer showed no certificate, and --client-auth is required"},
    Sentence{SSL_R_NO_APPLICATION_PROTOCOL,
             "the peer offers only protocols (ALPN) that are not served here; redis and ringhold-peer/1 are"},
    // What the peer refused (its alerts).
    Sentence{SSL_R_TLSV1_ALERT_UNKNOWN_CA,
             "the peer refused our certificate: it does not know the CA that signed it"},
    Sentence{SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, "the peer refused our certificate: it has expired"},
    Sentence{SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, "the peer refused our certificate: it is revoked"},
    Sentence{SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, "the peer refused our certificate"},
    Sentence{SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
             "the peer refused our certificate: it is not made for this use"},
    Sentence{SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, "the peer refused our certificate: it is bad"},
    Sentence{SSL_R_TLSV1_ALERT_ACCESS_DENIED, "the peer refused us: access denied"},
    Sentence{SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, "the peer wants a certificate, and we showed none"},
    Sentence{SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL,
             "the peer does not speak the protocol that we offered"},
    Sentence{SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
             "the peer refused the handshake (it may want a certificate, or knows none of our ciphers)"},
    Sentence{SSL_R_TLSV1_ALERT_DECRYPT_ERROR, "the peer could not verify our signature"},
    Sentence{SSL_R_TLSV1_ALERT_INTERNAL_ERROR, "the peer reports an internal error"},
    Sentence{SSL_R_TLSV1_ALERT_USER_CANCELLED, "the peer gave up"},
};

std::string describe_verification(const SSL* ssl, const std::string& name) {
  const std::string who = fmt::format("the peer's certificate (CN={})", name);
  const long code = SSL_get_verify_result(ssl);
  switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return who + " has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return who + " is not valid yet";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return who + " is signed by a CA that --ca does not list";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return who + " is for other names than the one connected to (its subjectAltName lacks it)";
    case X509_V_ERR_INVALID_PURPOSE:
      return who + " is not made for this use (extendedKeyUsage)";
    default:
      return fmt::format("{} was refused: {}", who, X509_verify_cert_error_string(code));
  }
}

// The first error of the SSL library; what other parts of OpenSSL say around it is detail.
unsigned long first_error() {
  unsigned long first = 0;
  while (const unsigned long code = ERR_get_error()) {
    const bool better = ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_LIB(first) != ERR_LIB_SSL;
    if (first == 0 || better) first = code;
  }
  return first;
}

std::string reason_text(unsigned long code) {
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "unknown reason";
}

}  // namespace

std::string take_openssl_errors() {
  return reason_text(first_error());
}

Error describe_tls_failure(const SSL* ssl, const std::string& refused_name) {
  const unsigned long code = first_error();
  const int reason = ERR_GET_REASON(code);
  if (ERR_GET_LIB(code) == ERR_LIB_SSL) {
    if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) return Error{describe_verification(ssl, refused_name)};
    for (const Sentence& sentence : kSentences) {
      if (sentence.reason == reason) return Error{std::string(sentence.text)};
    }
  }
  return Error{fmt::format("TLS failed: {}", reason_text(code))};
}

}  // namespace ringhold
