// Runs lines of golden scripts against a store: the command table, the handlers and a store, without a
// server.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/byte_buffer.h"
#include "common/resp/reply_writer.h"
#include "dataserver/store/store.h"

namespace ringhold::golden {

class Session {
 public:
  Session() : store_({.seed = 1}) {}

  // The reply to a command line as raw RESP. Empty for a directive (@now, ...) and for a line without words.
  std::string run(std::string_view line);

 private:
  std::string run_directive(std::string_view line);
  bool apply_setting(std::string_view name, std::int64_t value);
  void execute(std::vector<std::string_view> args, ReplyWriter& reply);

  Store store_;
  UnixMs now_ = 1700000000000;
  RespVersion version_ = RespVersion::k2;
  std::uint64_t commands_ = 0;
  bool clustered_ = false;
};

// A raw reply as redis-cli prints it on a terminal, in lines.
std::vector<std::string> printed_lines(const std::string& reply);

}  // namespace ringhold::golden
