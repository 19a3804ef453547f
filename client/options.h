// The client's command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "client/style.h"
#include "common/base/result.h"
#include "common/reactor/address.h"
#include "common/resp/reply_writer.h"

namespace ringhold::client {

struct ClientOptions {
  Address address{"127.0.0.1", 9443};
  std::string cert_file = "certs/client.crt";  // empty, and key_file too: no certificate is shown
  std::string key_file = "certs/client.key";
  std::string ca_file = "certs/ca.crt";
  std::string user;           // empty, and password_file too: no password is needed
  std::string password_file;  // empty: ask for it
  std::optional<RespVersion> version;
  std::chrono::milliseconds timeout{5000};
  bool json = false;
  bool raw = false;  // neither of these two: raw unless stdout is a terminal
  bool no_raw = false;
  ColourChoice colour = ColourChoice::kAuto;
  bool latency = false;                            // --latency
  std::uint32_t count = 0;                         // of repetitions or PINGs; 0: not given
  std::chrono::milliseconds interval{0};           // between them; 0: not given
  bool status = false;                             // `ringhold status`
  std::optional<std::chrono::milliseconds> watch;  // `status --watch`
  std::vector<std::string> command;                // empty: from stdin

  bool wants_password() const { return !user.empty() || !password_file.empty(); }
};

// A pause between repetitions: as parse_duration takes it, or a fraction of seconds (0.5); never 0.
Result<std::chrono::milliseconds> parse_pause(const std::string& text);

// Either the options, or the exit code of a program that is done: --help and --version were printed (0), or
// what is wrong was (2).
std::variant<ClientOptions, int> parse_options(int argc, const char* const* argv);

}  // namespace ringhold::client
