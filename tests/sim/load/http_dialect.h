// How a simulated client says a command over HTTP, and what RESP reply a response stands for: so HTTP clients
// are judged by the same rules as all others.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/byte_buffer.h"
#include "tests/sim/load/command_mix.h"

namespace ringhold::sim {

// GET, SET without options, and DEL of one key.
bool has_http_form(const SimCommand& command);

// Precondition: has_http_form(command).
void write_http_request(ByteBuffer& out, const SimCommand& command);

struct HttpReply {
  std::string resp;          // as RESP2; empty: this is no HTTP response, or none to such a request
  std::size_t consumed = 0;  // bytes of the response
};
// Empty: more has to come.
std::optional<HttpReply> read_http_response(std::string_view input, const SimCommand& command);

}  // namespace ringhold::sim
