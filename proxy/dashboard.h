// The dashboard: the one HTML page that a proxy shows at `/`. It stands alone (styles, script and pictures
// are in it) and asks the proxy for nothing but /cluster and /metrics. The source is
// proxy/dashboard/dashboard.html.
#pragma once

#include <string_view>

namespace ringhold {

// UTF-8, and there as long as the program.
std::string_view dashboard_page();

// What the page must be served with: it may run its own script and style, ask the server that it came from,
// and nothing else.
inline constexpr std::string_view kDashboardContentType = "text/html; charset=utf-8";
inline constexpr std::string_view kDashboardPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'";

}  // namespace ringhold
