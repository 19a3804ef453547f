#include "common/net/certificate_reloader.h"

#include <algorithm>
#include <utility>

#include "common/base/limits.h"
#include "common/base/log.h"
#include "common/net/certificate.h"

namespace ringhold {

CertificateReloader::CertificateReloader(World world, TlsOptions options, TlsContextPtr current, Apply apply)
    : world_(world), options_(std::move(options)), current_(std::move(current)), apply_(std::move(apply)) {
  debounce_ = world_.scheduler.make_timer([this] { reload(); });
  daily_ = world_.scheduler.make_timer([this] { warn_before_end(); });
  watch();
  warn_before_end();
}

void CertificateReloader::watch() {
  for (const std::string& path : {options_.cert_file, options_.key_file, options_.ca_file}) {
    if (path.empty()) continue;
    auto watch = world_.disk.watch_file(path, [this] { debounce_->start(limits::kFileDebounce); });
    if (watch) {
      watches_.push_back(std::move(*watch));
    } else {
      log::warn("{}: changes will be seen only after SIGHUP ({})", path, watch.error().message);
    }
  }
}

void CertificateReloader::reload() {
  auto material = TlsContext::read_material(options_);
  if (material && *material == current_->material()) return;
  auto context = material ? TlsContext::make(options_, std::move(*material)) : material.error();
  if (!context) {
    log::warn("the certificates on disk are not usable, those loaded before stay in use: {}",
              context.error().message);
    return;
  }
  current_ = std::move(*context);
  log::info("certificates reloaded from {}, {} and {}; new connections use them", options_.cert_file,
            options_.key_file, options_.ca_file);
  apply_(current_);
  warn_before_end();
}

void CertificateReloader::warn_before_end() {
  daily_->start(std::chrono::hours(24));
  const std::int64_t now = world_.clock.wall_ms() / 1000;
  const std::int64_t left = current_->expires_at() - now;
  if (left > std::chrono::seconds(limits::kCertificateWarning).count()) return;
  log::warn("{} expires on {}, in {} days; make new certificates with certs/make-certs --force",
            current_->expires_first(), date_text(current_->expires_at()),
            std::max<std::int64_t>(left, 0) / 86400);
}

}  // namespace ringhold
