#include "common/http/plan.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "common/base/text.h"
#include "common/http/etag.h"
#include "common/http/url.h"

namespace ringhold {

namespace {

constexpr std::string_view kKeyPrefix = "/key/";
// No time to live needs more: 300 years.
constexpr std::int64_t kTtlSecondsMax = 10'000'000'000;

// The page may do what it needs and nothing else, whatever text gets into it.
constexpr std::string_view kPageHeaders =
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n";

constexpr std::string_view kPaths =
    "/key/{key}   GET, HEAD, PUT, POST, DELETE\n"
    "/cluster     the cluster as JSON\n"
    "/metrics     for Prometheus\n"
    "/healthz     whether this process lives\n"
    "/readyz      whether it can serve\n";

HttpPlan answer(HttpAnswer what) {
  HttpPlan plan;
  plan.answer = std::move(what);
  return plan;
}

HttpPlan refuse(int status, std::string_view what) {
  return answer(refusal(status, what));
}

HttpPlan refuse_method(const HttpRequest& request, std::string_view allowed) {
  HttpPlan plan = request.method == "OPTIONS"
                      ? answer({.status = 204, .content_type = "", .body = "", .more = ""})
                      : refuse(405, fmt::format("{} is not for this path; it takes {}",
                                                printable(request.method), allowed));
  plan.answer.more = fmt::format("Allow: {}\r\n", allowed);
  return plan;
}

HttpPlan command(std::vector<std::string> words, ReplyForm form) {
  HttpPlan plan;
  plan.is_command = true;
  plan.before = std::move(words);
  plan.form = form;
  return plan;
}

bool is_safe(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
}

// A browser sends its user's certificate with whatever page asks for it: what changes something must come
// from a page of this server, or from no page at all.
bool is_of_another_site(const HttpRequest& request) {
  const std::string site = request.field("sec-fetch-site");
  if (site == "cross-site" || site == "same-site") return true;
  const std::string origin = request.field("origin");
  return !origin.empty() && !equals_ignore_case(origin, "https://" + request.field("host"));
}

// host[:port], as far as it matters here: nothing that ends a host, and no user.
bool is_host(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != 0x7f &&
           std::string_view("@/\\?#\"<>^`{|}").find(c) == std::string_view::npos;
  });
}

// Appends MATCH and NOMATCH.
Result<void> add_conditions(const HttpRequest& request, std::vector<std::string>& words) {
  constexpr std::pair<std::string_view, std::string_view> kConditions[] = {{"if-match", "MATCH"},
                                                                           {"if-none-match", "NOMATCH"}};
  for (const auto& [field, word] : kConditions) {
    if (!request.has(field)) continue;
    auto tags = tags_of_condition(request.field(field),
                                  word == "NOMATCH" ? TagComparison::kWeak : TagComparison::kStrong);
    if (!tags) return Error{fmt::format("{}: {}", field, tags.error().message)};
    words.emplace_back(word);
    words.push_back(std::move(*tags));
  }
  return {};
}

// Appends EX.
Result<void> add_ttl(const HttpTarget& target, bool is_write, std::vector<std::string>& words) {
  for (const auto& [name, value] : target.queries) {
    if (name != "ttl" || !is_write) {
      return Error{
          fmt::format("unknown parameter '{}': PUT and POST take ttl=SECONDS, others none", printable(name))};
    }
    if (!words.empty() && words.front() == "EX") return Error{"ttl is given twice"};
    const auto seconds = parse_int64(value);
    if (!seconds || *seconds <= 0 || *seconds > kTtlSecondsMax) {
      return Error{fmt::format("ttl '{}' is no positive number of seconds", printable(value))};
    }
    words.emplace_back("EX");
    words.push_back(value);
  }
  return {};
}

HttpPlan plan_key(const HttpRequest& request, const HttpTarget& target) {
  struct Method {
    std::string_view name;
    const char* word;
    ReplyForm form;
  };
  constexpr Method kMethods[] = {{"GET", "GET", ReplyForm::kRead},
                                 {"HEAD", "HEAD", ReplyForm::kLook},
                                 {"PUT", "PUT", ReplyForm::kWrite},
                                 {"POST", "PUT", ReplyForm::kWrite},
                                 {"DELETE", "DELETE", ReplyForm::kDelete}};
  const auto* method = std::find_if(std::begin(kMethods), std::end(kMethods),
                                    [&](const Method& row) { return row.name == request.method; });
  if (method == std::end(kMethods)) return refuse_method(request, "GET, HEAD, PUT, POST, DELETE, OPTIONS");
  if (request.has("range")) {
    HttpPlan plan = refuse(416, "ranges are not served: GET the whole value, or use GETRANGE over RESP");
    plan.answer.more = "Accept-Ranges: none\r\n";
    return plan;
  }
  auto key = percent_decoded(target.path.substr(kKeyPrefix.size()));
  if (!key) return refuse(400, key.error().message);
  HttpPlan plan = command({"REST", method->word, std::move(*key)}, method->form);
  plan.takes_body = method->form == ReplyForm::kWrite;
  std::vector<std::string>& options = plan.takes_body ? plan.after : plan.before;
  if (const auto added = add_ttl(target, plan.takes_body, options); !added) {
    return refuse(400, added.error().message);
  }
  if (const auto added = add_conditions(request, options); !added) return refuse(400, added.error().message);
  return plan;
}

HttpPlan plan_page(const HttpRequest& request, std::string_view path, std::string_view front_page) {
  if (path != "/" && path != "/cluster" && path != "/metrics" && path != "/healthz" && path != "/readyz") {
    return refuse(404, fmt::format("there is nothing at {}; see /", printable(path)));
  }
  if (request.method != "GET" && request.method != "HEAD")
    return refuse_method(request, "GET, HEAD, OPTIONS");
  if (path == "/cluster") return command({"CLUSTER", "STATUS"}, ReplyForm::kJson);
  if (path == "/metrics") return command({"METRICS"}, ReplyForm::kMetrics);
  if (path == "/readyz" || path == "/healthz") {
    HttpPlan plan = path == "/readyz" ? command({"READY"}, ReplyForm::kReady) : answer({.body = "ok\n"});
    plan.needs_role = false;
    return plan;
  }
  if (front_page.empty()) return answer({.body = std::string(kPaths)});
  return answer({.content_type = "text/html; charset=utf-8",
                 .body = std::string(front_page),
                 .more = std::string(kPageHeaders)});
}

}  // namespace

HttpAnswer refusal(int status, std::string_view what) {
  HttpAnswer answer{.status = status, .body = std::string(what) + "\n"};
  if (status == 401) answer.more = "WWW-Authenticate: Basic realm=\"Ringhold\", charset=\"UTF-8\"\r\n";
  if (status == 503) answer.more = "Retry-After: 1\r\n";
  return answer;
}

HttpPlan plan_request(const HttpRequest& request, std::string_view front_page) {
  if (request.minor_version > 0 && !request.has("host")) return refuse(400, "a request needs one Host field");
  if (std::count_if(request.fields.begin(), request.fields.end(),
                    [](const auto& field) { return field.first == "host"; }) > 1) {
    return refuse(400, "a request needs one Host field, not several");
  }
  if (!is_host(request.field("host"))) return refuse(400, "the Host field names no host");
  const auto target = parse_target(request.target);
  if (!target) return refuse(400, target.error().message);
  if (request.has("expect") && !equals_ignore_case(request.field("expect"), "100-continue")) {
    return refuse(417, "the only expectation that is met is 100-continue");
  }
  if (!is_safe(request) && is_of_another_site(request)) {
    return refuse(403, "requests that change something are not taken from pages of other sites");
  }
  if (target->path.starts_with(kKeyPrefix)) return plan_key(request, *target);
  return plan_page(request, target->path, front_page);
}

}  // namespace ringhold
