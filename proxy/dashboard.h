// The dashboard: the one HTML page that a proxy shows at `/`. It stands alone (styles, script and pictures
// are in it) and asks the proxy for nothing but /cluster and /metrics. The source is
// proxy/dashboard/dashboard.html.
#pragma once

#include <string_view>

namespace ringhold {

// UTF-8, and there as long as the program.
std::string_view dashboard_page();

}  // namespace ringhold
