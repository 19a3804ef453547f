// servers.json as anybody may write it: it is refused with a line, or what it says survives being written
// again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cluster/topology/servers_file.h"
#include "common/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ringhold;
  const auto file = parse_servers_file({reinterpret_cast<const char*>(data), size});
  if (!file) {
    INVARIANT(file.error().message.starts_with("line "));
    return 0;
  }
  INVARIANT(!file->servers.empty());
  const auto again = parse_servers_file(format_servers_file(*file));
  INVARIANT(again.ok() && again->servers == file->servers && again->epoch == file->epoch);
  return 0;
}
