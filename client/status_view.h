// `ringhold status`: what CLUSTER STATUS says, as a table for people.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace ringhold::client {

struct StatusStyle {
  bool colours = false;
  bool unicode = false;  // bars of block characters, else of '#'
  int columns = 0;       // what there is room for: less important columns go first; 0: any number
};

// `document` is the JSON text of CLUSTER STATUS; fields that it lacks are shown as "-". Ends with a newline.
Result<std::string> render_status(std::string_view document, const StatusStyle& style);

}  // namespace ringhold::client
