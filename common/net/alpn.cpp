#include "common/net/alpn.h"

#include <array>

namespace ringhold {

namespace {

// Who speaks nothing newer is answered by the same code.
constexpr std::string_view kHttp10 = "http/1.0";

bool offers(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const auto length = static_cast<std::size_t>(static_cast<unsigned char>(list.front()));
    list.remove_prefix(1);
    if (length > list.size()) return false;
    if (list.substr(0, length) == name) return true;
    list.remove_prefix(length);
  }
  return false;
}

}  // namespace

std::optional<std::string_view> choose_alpn(std::string_view offered) {
  for (const Protocol served : {Protocol::kPeer, Protocol::kRedis, Protocol::kHttp}) {
    if (offers(offered, alpn_name(served))) return alpn_name(served);
  }
  if (offers(offered, kHttp10)) return kHttp10;
  return std::nullopt;
}

std::optional<Protocol> protocol_named(std::string_view name) {
  if (name.empty()) return Protocol::kRedis;
  if (name == kHttp10) return Protocol::kHttp;
  for (const Protocol known : {Protocol::kPeer, Protocol::kRedis, Protocol::kHttp}) {
    if (name == alpn_name(known)) return known;
  }
  return std::nullopt;
}

std::string alpn_offer(Protocol protocol) {
  const std::string_view name = alpn_name(protocol);
  return std::string(1, static_cast<char>(name.size())).append(name);
}

}  // namespace ringhold
