#include "tests/unit/net/test_certificates.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <utility>

namespace ringhold::test {

namespace {

void require(bool condition) {
  if (!condition) throw std::runtime_error("OpenSSL refused to make a test certificate");
}

void add_name(X509_NAME* name, const char* field, const std::string& value) {
  if (value.empty()) return;
  require(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(value.data()),
                                     static_cast<int>(value.size()), -1, 0) == 1);
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  if (value.empty()) return;
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

KeyPtr make_key() {
  return KeyPtr(EVP_EC_gen("P-256"));
}

X509Ptr make_unsigned(const CertificateSpec& spec, EVP_PKEY* key) {
  X509Ptr certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  std::uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial));
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), static_cast<long>(serial >> 1U) + 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), spec.starts_in);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), spec.ends_in);
  X509_set_pubkey(certificate.get(), key);
  add_name(X509_get_subject_name(certificate.get()), "CN", spec.common_name);
  add_name(X509_get_subject_name(certificate.get()), "OU", spec.unit);
  return certificate;
}

template <typename Write>
std::string to_pem(Write write) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  require(write(bio.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string certificate_pem(X509* certificate) {
  return to_pem([certificate](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string key_pem(EVP_PKEY* key) {
  return to_pem(
      [key](BIO* bio) { return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

TlsOptions options_of(ClientAuth client_auth) {
  return {"test.crt", "test.key", "ca.crt", client_auth};
}

}  // namespace

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "ringhold-test-XXXXXX").string();
  require(mkdtemp(pattern.data()) != nullptr);
  root_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

void TempDir::write(const std::string& name, const std::string& content) const {
  std::ofstream(root_ / name, std::ios::binary | std::ios::trunc) << content;
}

TestAuthority::TestAuthority(const std::string& name) : key_(make_key()) {
  certificate_ = make_unsigned({.common_name = name, .unit = "", .ends_in = 3650 * 86400L}, key_.get());
  X509* certificate = certificate_.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
  require(X509_sign(certificate, key_.get(), EVP_sha256()) > 0);
  pem_ = certificate_pem(certificate);
}

PemPair TestAuthority::issue(const CertificateSpec& spec) const {
  const KeyPtr key = make_key();
  const X509Ptr certificate = make_unsigned(spec, key.get());
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get()));
  add_extension(certificate.get(), certificate_.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate.get(), certificate_.get(), NID_authority_key_identifier, "keyid");
  add_extension(certificate.get(), certificate_.get(), NID_subject_alt_name, spec.alt_names);
  add_extension(certificate.get(), certificate_.get(), NID_ext_key_usage, spec.extended_use);
  require(X509_sign(certificate.get(), key_.get(), EVP_sha256()) > 0);
  return {certificate_pem(certificate.get()), key_pem(key.get())};
}

TlsContextPtr make_context(const PemPair& identity, const std::string& ca_pem, ClientAuth client_auth) {
  auto context = TlsContext::make(options_of(client_auth), {identity.cert, identity.key, ca_pem});
  if (!context) throw std::runtime_error(context.error().message);
  return *context;
}

TlsContextPtr make_context(const TestAuthority& authority, const CertificateSpec& spec,
                           ClientAuth client_auth) {
  return make_context(authority.issue(spec), authority.pem(), client_auth);
}

TlsContextPtr make_anonymous_context(const std::string& ca_pem) {
  auto context = TlsContext::make({"", "", "ca.crt"}, {"", "", ca_pem});
  if (!context) throw std::runtime_error(context.error().message);
  return *context;
}

}  // namespace ringhold::test
