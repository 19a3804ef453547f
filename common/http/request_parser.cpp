#include "common/http/request_parser.h"

// Beast 1.74 asserts that there are five bytes where a last chunk that is also the first has three or four;
// what it does with them is right.
#define BOOST_DISABLE_ASSERTS

#include <fmt/core.h>

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <limits>

#include "common/base/text.h"

namespace ringhold {

namespace {

namespace http = boost::beast::http;
using ErrorCode = boost::beast::error_code;
using Text = boost::beast::string_view;

std::string_view view(Text text) {
  return {text.data(), text.size()};
}

constexpr std::string_view kMethods[] = {"GET",     "HEAD",  "PUT",   "POST",   "DELETE",
                                         "OPTIONS", "PATCH", "TRACE", "CONNECT"};

std::string_view first_line(std::string_view input) {
  std::string_view line = input.substr(0, input.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Whether the first line ends in " HTTP/" and a version.
bool names_a_version(std::string_view input) {
  constexpr std::string_view kName = " HTTP/";
  const std::string_view line = first_line(input);
  if (line.size() < kName.size() + 3) return false;
  const std::string_view end = line.substr(line.size() - kName.size() - 3);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return end.starts_with(kName) && is_digit(end[6]) && end[7] == '.' && is_digit(end[8]);
}
bool names_our_version(std::string_view input) {
  const std::string_view line = first_line(input);
  return line.ends_with(" HTTP/1.0") || line.ends_with(" HTTP/1.1");
}

// The offset behind the empty line that ends a head; npos: it is not there yet. A line may end in a bare LF
// here: it has come to its end all the same, and is refused then.
std::size_t end_of_head(std::string_view input, std::size_t& searched) {
  for (std::size_t at = input.find('\n', searched); at != std::string_view::npos;
       at = input.find('\n', at + 1)) {
    const std::string_view next = input.substr(at + 1, 2);
    if (next.starts_with('\n')) return at + 2;
    if (next == "\r\n") return at + 3;
    searched = at;
    if (next.size() < 2) return std::string_view::npos;
  }
  return std::string_view::npos;
}

}  // namespace

bool HttpRequest::has(std::string_view name) const {
  return std::any_of(fields.begin(), fields.end(), [name](const auto& field) { return field.first == name; });
}

std::string HttpRequest::field(std::string_view name) const {
  std::string value;
  bool found = false;
  for (const auto& [field, text] : fields) {
    if (field != name) continue;
    if (std::exchange(found, true)) value += ", ";
    value += text;
  }
  return value;
}

// One request: Beast's parser calls the functions below as it understands.
class HttpRequestParser::Parser final : public http::basic_parser<true> {
 public:
  Parser() {
    header_limit(std::numeric_limits<std::uint32_t>::max());  // it counts for each call anew: we count
    body_limit(std::numeric_limits<std::uint64_t>::max());    // that is for whoever takes the body
  }

  HttpRequest request;
  const OnBody* on_body = nullptr;
  std::size_t head_bytes = 0;
  std::size_t searched = 0;  // up to where the head's end was looked for
  std::uint64_t body_bytes_left = std::numeric_limits<std::uint64_t>::max();  // that may still be announced
  bool begun = false;
  bool head_told = false;
  bool end_told = false;

 private:
  void on_request_impl(http::verb /*verb*/, Text method, Text target, int version,
                       ErrorCode& /*error*/) override {
    request.method = view(method);
    request.target = view(target);
    request.minor_version = version % 10;
  }
  void on_response_impl(int /*status*/, Text /*reason*/, int /*version*/, ErrorCode& /*error*/) override {}
  void on_field_impl(http::field /*field*/, Text name, Text value, ErrorCode& /*error*/) override {
    if (!head_told) request.fields.emplace_back(to_lower(view(name)), view(value));  // else it is a trailer
  }
  void on_header_impl(ErrorCode& /*error*/) override {
    request.keep_alive = keep_alive();
    request.chunked = chunked();
    if (const auto length = content_length()) request.content_length = *length;
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/, ErrorCode& /*error*/) override {}
  std::size_t on_body_impl(Text body, ErrorCode& /*error*/) override {
    (*on_body)(view(body));
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t size, Text extensions, ErrorCode& error) override {
    if (size > body_bytes_left) error = http::error::body_limit;
    if (extensions.size() > limits::kHttpChunkHeadBytesMax) error = http::error::bad_chunk_extension;
    body_bytes_left -= std::min(size, body_bytes_left);
  }
  std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, Text body, ErrorCode& /*error*/) override {
    (*on_body)(view(body));
    return body.size();
  }
  void on_finish_impl(ErrorCode& /*error*/) override {}
};

std::size_t HttpRequestParser::held() const {
  return parser_->begun ? parser_->head_bytes : 0;
}

HttpRequestParser::HttpRequestParser() : parser_(std::make_unique<Parser>()) {}
HttpRequestParser::~HttpRequestParser() = default;

const HttpRequest& HttpRequestParser::request() const {
  return parser_->request;
}

void HttpRequestParser::set_body_bytes_max(std::uint64_t bytes_max) {
  parser_->body_bytes_left = bytes_max;
}

bool HttpRequestParser::at_start() const {
  return !parser_->begun || parser_->end_told;
}

bool HttpRequestParser::needs_input() const {
  return parser_->end_told || !parser_->is_done();
}

HttpRequestParser::Step HttpRequestParser::fail(int status, std::string_view what) {
  error_status_ = status;
  error_ = what;
  return {Status::kError, 0};
}

HttpRequestParser::Step HttpRequestParser::next(std::string_view input, const OnBody& on_body) {
  if (parser_->end_told) forget();
  return parser_->head_told ? read_body(input, on_body) : read_head(input);
}

// A head is looked at once it is whole, so that what is said of it does not depend on how it came.
HttpRequestParser::Step HttpRequestParser::read_head(std::string_view input) {
  std::size_t consumed = 0;
  if (!parser_->begun) {
    // RFC 9112, 2.2: an empty line before a request line is ignored.
    while (input.substr(consumed).starts_with("\r\n")) consumed += 2;
    input.remove_prefix(consumed);
    if (input.empty() || input == "\r") return {Status::kNeedMore, consumed};
    parser_->begun = true;
  }
  const std::size_t end = end_of_head(input, parser_->searched);
  parser_->head_bytes = std::min(input.size(), end);
  if (parser_->head_bytes > limits::kHttpHeadBytesMax) {
    return fail(431, fmt::format("the request line and the header fields exceed {} KB",
                                 limits::kHttpHeadBytesMax / limits::kKiB));
  }
  if (end == std::string_view::npos) {
    // Somebody who does not speak HTTP waits for an answer rather than send more.
    const bool has_line = input.find('\n') != std::string_view::npos;
    if (has_line && !names_a_version(input)) return fail(400, "this is no HTTP request");
    return {Status::kNeedMore, consumed};
  }
  ErrorCode error;
  parser_->put(boost::asio::const_buffer(input.data(), end), error);
  if (error || !parser_->is_header_done()) {
    if (names_a_version(input) && !names_our_version(input)) {
      return fail(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    }
    return fail(400, fmt::format("this is no valid HTTP request: {}", error.message()));
  }
  // Beast takes a list of equal lengths.
  const std::string length = parser_->request.field("content-length");
  if (length.find_first_not_of("0123456789") != std::string::npos) {
    return fail(400, "a request has one Content-Length, a number");
  }
  const std::string coding = to_lower(parser_->request.field("transfer-encoding"));
  if (!coding.empty() && coding != "chunked") {
    return fail(501, "the only transfer coding that is understood is chunked");
  }
  parser_->head_told = true;
  return {Status::kHead, consumed + end};
}

HttpRequestParser::Step HttpRequestParser::read_body(std::string_view input, const OnBody& on_body) {
  std::size_t consumed = 0;
  ErrorCode error;
  if (!parser_->is_done()) {
    parser_->on_body = &on_body;
    parser_->eager(true);
    consumed = parser_->put(boost::asio::const_buffer(input.data(), input.size()), error);
  }
  if (error == http::error::body_limit) return fail(413, "the body is longer than what is taken here");
  if (error && error != http::error::need_more) {
    return fail(400, fmt::format("this is no valid HTTP request: {}", error.message()));
  }
  if (error == http::error::need_more && input.size() - consumed > limits::kHttpChunkHeadBytesMax) {
    return fail(400, "a chunk's first line, or the trailer, has no end");
  }
  parser_->end_told = parser_->is_done();
  return {parser_->end_told ? Status::kFinished : Status::kNeedMore, consumed};
}

void HttpRequestParser::forget() {
  parser_ = std::make_unique<Parser>();
}

std::optional<bool> looks_like_http(std::string_view input) {
  const bool may_be = std::any_of(std::begin(kMethods), std::end(kMethods), [input](std::string_view method) {
    const std::size_t size = std::min(method.size(), input.size());
    return input.substr(0, size) == method.substr(0, size) &&
           (input.size() <= method.size() || input[method.size()] == ' ');
  });
  if (!may_be) return false;
  if (input.find('\n') == std::string_view::npos) {
    return input.size() > limits::kHttpHeadBytesMax ? std::optional<bool>(false) : std::nullopt;
  }
  return names_a_version(input);
}

}  // namespace ringhold
