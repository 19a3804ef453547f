// The table of `ringhold status`: a row per replica, and one for all shards together.
#pragma once

#include <string>
#include <vector>

#include "client/status_fields.h"
#include "client/status_view.h"

namespace ringhold::client {

// As many columns as there is room for; the least important go first.
std::string render_shards(const std::vector<Json>& shards, const StatusStyle& style);

}  // namespace ringhold::client
