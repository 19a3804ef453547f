// HttpRequestParser: incremental parser of HTTP/1.x requests (RFC 9112), on Boost.Beast's.
//
// What is ambiguous is refused, since two parsers of one request are how requests are smuggled: a bare LF,
// both Content-Length and Transfer-Encoding, two different lengths, folded header lines, a coding other than
// chunked. Nothing is reserved for what was merely announced.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/limits.h"

namespace ringhold {

// A request line and the header fields behind it.
struct HttpRequest {
  std::string method;
  std::string target;
  int minor_version = 1;  // of HTTP/1
  bool keep_alive = true;
  bool chunked = false;
  std::optional<std::uint64_t> content_length;
  std::vector<std::pair<std::string, std::string>> fields;  // names in lower case, in the order received

  bool has(std::string_view field) const;
  // All values of a field, joined by ", "; empty where there is none.
  std::string field(std::string_view name) const;
};

class HttpRequestParser {
 public:
  enum class Status {
    kNeedMore,
    kHead,      // request() is complete; what follows is its body, or nothing
    kFinished,  // the request and its body are complete; the next request may follow
    kError,     // final: error_status() and error() say what is wrong
  };
  using OnBody = std::function<void(std::string_view)>;

  HttpRequestParser();
  ~HttpRequestParser();
  HttpRequestParser(const HttpRequestParser&) = delete;
  HttpRequestParser& operator=(const HttpRequestParser&) = delete;

  // Understands bytes from the front of `input` until something is to be said, and gives pieces of the body
  // to `on_body`. The caller drops `consumed` bytes, and calls again. After kFinished the next call begins
  // the next request.
  struct Step {
    Status status;
    std::size_t consumed;
  };
  Step next(std::string_view input, const OnBody& on_body);

  // Of the body that follows kHead: one that is announced to be longer, all at once or in chunks, is an error
  // (413). To be called at kHead; else there is no bound.
  void set_body_bytes_max(std::uint64_t bytes_max);

  // From kHead until the next request begins.
  const HttpRequest& request() const;
  // Nothing of the next request has come yet.
  bool at_start() const;
  // next() has nothing to say without further bytes: false behind the head of a request without a body.
  bool needs_input() const;
  // Forgets the request, so that nothing of it takes memory; what comes next begins a request.
  void forget();
  // Bytes that are kept of a request's head.
  std::size_t held() const;
  int error_status() const { return error_status_; }  // an HTTP status
  const std::string& error() const { return error_; }

 private:
  class Parser;
  Step read_head(std::string_view input);
  Step read_body(std::string_view input, const OnBody& on_body);
  Step fail(int status, std::string_view what);

  std::unique_ptr<Parser> parser_;
  int error_status_ = 0;
  std::string error_;
};

// Whether the first bytes of a connection are an HTTP request rather than RESP: a line that ends in
// " HTTP/1.x". Empty: that cannot be told yet.
std::optional<bool> looks_like_http(std::string_view input);

}  // namespace ringhold
