// Follows the certificate files: when they change, a new TlsContext is made and handed on. If they do not
// load, the old one stays in use and the log says why. Warns when the end of a certificate is near, at start
// and once a day.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "common/net/tls_context.h"
#include "common/reactor/world.h"

namespace ringhold {

class CertificateReloader {
 public:
  using Apply = std::function<void(TlsContextPtr)>;

  // `apply` gives the new context to every loop's network; it is called on this World's loop.
  CertificateReloader(World world, TlsOptions options, TlsContextPtr current, Apply apply);

  // Looks at the files now (SIGHUP); they are loaded only if their content has changed.
  void reload();

 private:
  void watch();
  void warn_before_end();

  World world_;
  TlsOptions options_;
  TlsContextPtr current_;
  Apply apply_;
  std::unique_ptr<Timer> debounce_;
  std::unique_ptr<Timer> daily_;
  std::vector<std::unique_ptr<FileWatch>> watches_;
};

}  // namespace ringhold
