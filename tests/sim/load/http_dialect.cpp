#include "tests/sim/load/http_dialect.h"

#include <fmt/format.h>

#include "common/base/text.h"

namespace ringhold::sim {

namespace {

std::string percent_encoded(std::string_view key) {
  std::string text;
  for (const char c : key) text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return text;
}

// What the status means for this command; the body is a value or an error's line.
std::string resp_of(int status, std::string_view body, const SimCommand& command) {
  const std::string& name = command.args[0];
  if (name == "GET" && status == 200) return fmt::format("${}\r\n{}\r\n", body.size(), body);
  if (name == "GET" && status == 404) return "$-1\r\n";
  if (name == "SET" && (status == 200 || status == 201)) return "+OK\r\n";
  if (name == "DEL" && status == 204) return ":1\r\n";
  if (name == "DEL" && status == 404) return ":0\r\n";
  if (status == 503 || status == 504 || status == 507) {
    return fmt::format("-{}\r\n", body.substr(0, body.find('\n')));
  }
  return "";
}

}  // namespace

bool has_http_form(const SimCommand& command) {
  const auto& args = command.args;
  return ((args[0] == "GET" || args[0] == "DEL") && args.size() == 2) ||
         (args[0] == "SET" && args.size() == 3);
}

void write_http_request(ByteBuffer& out, const SimCommand& command) {
  const auto& args = command.args;
  const bool is_set = args[0] == "SET";
  const std::string_view method = is_set ? "PUT" : args[0] == "DEL" ? "DELETE" : "GET";
  out.append(fmt::format("{} /key/{} HTTP/1.1\r\nHost: ringhold\r\n", method, percent_encoded(args[1])));
  if (is_set) out.append(fmt::format("Content-Length: {}\r\n", args[2].size()));
  out.append("\r\n");
  if (is_set) out.append(args[2]);
}

std::optional<HttpReply> read_http_response(std::string_view input, const SimCommand& command) {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const std::size_t head = input.find("\r\n\r\n");
  if (head == std::string_view::npos) return std::nullopt;
  const std::size_t body_at = head + 4;
  const auto status = parse_int64(input.substr(kVersion.size(), 3));
  if (!input.starts_with(kVersion) || !status) return HttpReply{};
  std::size_t size = 0;
  if (const std::size_t at = input.substr(0, head).find(kLength); at != std::string_view::npos) {
    const std::string_view rest = input.substr(at + kLength.size());
    size = parse_uint64(rest.substr(0, rest.find('\r'))).value_or(0);
  }
  if (input.size() < body_at + size) return std::nullopt;
  return HttpReply{resp_of(static_cast<int>(*status), input.substr(body_at, size), command), body_at + size};
}

}  // namespace ringhold::sim
