#include "common/net/certificate.h"

#include <fmt/chrono.h>
#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "common/base/text.h"

namespace ringhold {

namespace {

std::string text_of(const X509_NAME_ENTRY* entry) {
  unsigned char* utf8 = nullptr;
  const int length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
  if (length < 0) return {};
  std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(length));
  OPENSSL_free(utf8);
  return text;
}

BioPtr memory_bio(std::string_view bytes) {
  return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

std::int64_t unix_seconds(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return timegm(&parts);
}

// There is nobody to ask for a pass phrase; `used` remembers that one was wanted.
int refuse_pass_phrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* used) {
  *static_cast<bool*>(used) = true;
  return -1;
}

}  // namespace

Role certificate_role(const X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  Role role = Role::kClient;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_organizationalUnitName, at)) >= 0;) {
    const std::string unit = text_of(X509_NAME_get_entry(subject, at));
    if (unit == "admin") role = std::max(role, Role::kAdmin);
    if (unit == "node") role = std::max(role, Role::kNode);
  }
  return role;
}

std::string certificate_common_name(const X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  return at < 0 ? std::string() : printable(text_of(X509_NAME_get_entry(subject, at)));
}

std::int64_t not_after(const X509* certificate) {
  return unix_seconds(X509_get0_notAfter(certificate));
}

std::string date_text(std::int64_t unix_seconds) {
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(static_cast<std::time_t>(unix_seconds)));
}

std::string invalid_now(const X509* certificate) {
  const ASN1_TIME* first = X509_get0_notBefore(certificate);
  const ASN1_TIME* last = X509_get0_notAfter(certificate);
  if (X509_cmp_current_time(last) <= 0) return fmt::format("expired on {}", date_text(unix_seconds(last)));
  if (X509_cmp_current_time(first) >= 0) {
    return fmt::format("is not valid before {}", date_text(unix_seconds(first)));
  }
  return {};
}

Result<std::vector<X509Ptr>> parse_certificates(std::string_view pem, const std::string& path) {
  const BioPtr bio = memory_bio(pem);
  std::vector<X509Ptr> certificates;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(certificate);
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!at_end) return Error{fmt::format("{} holds a damaged certificate", path)};
  if (certificates.empty()) {
    return Error{fmt::format("{} holds no certificate in PEM form (BEGIN CERTIFICATE)", path)};
  }
  return certificates;
}

Result<KeyPtr> parse_private_key(std::string_view pem, const std::string& path) {
  const BioPtr bio = memory_bio(pem);
  bool encrypted = false;
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse_pass_phrase, &encrypted));
  const bool missing = pem.find("PRIVATE KEY-----") == std::string_view::npos;
  ERR_clear_error();
  if (key) return key;
  if (encrypted) {
    return Error{
        fmt::format("{} is encrypted with a pass phrase; store the key without one, mode 0600", path)};
  }
  if (missing) return Error{fmt::format("{} holds no private key in PEM form (BEGIN PRIVATE KEY)", path)};
  return Error{fmt::format("{} holds a damaged private key", path)};
}

}  // namespace ringhold
