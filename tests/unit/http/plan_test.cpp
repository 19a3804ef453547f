#include "common/http/plan.h"

#include <doctest/doctest.h>
#include <fmt/ranges.h>

#include "common/http/etag.h"
#include "common/http/url.h"

namespace ringhold {
namespace {

HttpRequest request(std::string method, std::string target,
                    std::vector<std::pair<std::string, std::string>> fields = {}) {
  HttpRequest made{.method = std::move(method), .target = std::move(target), .fields = std::move(fields)};
  made.fields.emplace_back("host", "h:1");
  return made;
}

// The command with "<body>" in the body's place, or the status of the refusal.
std::string plan_of(const HttpRequest& asked) {
  const HttpPlan plan = plan_request(asked, "<html>");
  if (!plan.is_command) return std::to_string(plan.answer.status);
  std::vector<std::string> words = plan.before;
  if (plan.takes_body) words.emplace_back("<body>");
  words.insert(words.end(), plan.after.begin(), plan.after.end());
  return fmt::format("{}", fmt::join(words, " "));
}

TEST_CASE("http: requests for keys become commands") {
  CHECK(plan_of(request("GET", "/key/a/b%20c%2Fd+e")) == "REST GET a/b c/d+e");
  CHECK(plan_of(request("GET", "https://h:1/key/a")) == "REST GET a");
  CHECK(plan_of(request("HEAD", "/key/a")) == "REST HEAD a");
  CHECK(plan_of(request("PUT", "/key/")) == "REST PUT  <body>");
  CHECK(plan_of(request("POST", "/key/a?ttl=60")) == "REST PUT a <body> EX 60");
  CHECK(plan_of(request("DELETE", "/key/a", {{"if-match", "\"0123456789abcdef\""}})) ==
        "REST DELETE a MATCH 0123456789abcdef");
  CHECK(plan_of(request("PUT", "/key/a", {{"if-none-match", "*"}})) == "REST PUT a <body> NOMATCH *");
  CHECK(plan_request(request("GET", "/key/%00%ff"), "").before[2] == std::string("\0\xff", 2));
}

TEST_CASE("http: what is wrong with a request for a key is said before it is executed") {
  for (const char* key : {"%", "%4", "%zz", "a%2", "%%20"}) {
    CHECK(plan_of(request("GET", std::string("/key/") + key)) == "400");
  }
  for (const char* query :
       {"ttl=0", "ttl=-1", "ttl=", "ttl=1.5", "ttl=99999999999999", "tll=5", "ttl=%zz", "ttl=5&ttl=6"}) {
    CHECK(plan_of(request("PUT", std::string("/key/a?") + query)) == "400");
  }
  CHECK(plan_of(request("GET", "/key/a?ttl=5")) == "400");
  CHECK(plan_of(request("PATCH", "/key/a")) == "405");
  CHECK(plan_of(request("OPTIONS", "/key/a")) == "204");
  CHECK(plan_of(request("GET", "/key/a", {{"range", "bytes=0-1"}})) == "416");
  CHECK(plan_of(request("PUT", "/key/a", {{"if-match", "unquoted"}})) == "400");
  CHECK(plan_of(request("PUT", "/key/a", {{"expect", "miracles"}})) == "417");
  CHECK(plan_of(request("PUT", "/key/a", {{"host", "second"}})) == "400");
  CHECK(plan_of({.method = "GET", .target = "/key/a"}) == "400");
  for (const char* host : {"local host", "me@localhost", "local/host", "h\x7f"}) {
    CHECK(plan_of({.method = "GET", .target = "/key/a", .fields = {{"host", host}}}) == "400");
  }
  CHECK(plan_of(request("GET", "*")) == "400");
}

TEST_CASE("http: a page of another site changes nothing, and may read") {
  using Fields = std::vector<std::pair<std::string, std::string>>;
  const Fields kOthers[] = {{{"origin", "https://evil.example"}},
                            {{"origin", "null"}},
                            {{"origin", "http://h:1"}},
                            {{"sec-fetch-site", "cross-site"}}};
  for (const Fields& fields : kOthers) {
    CHECK(plan_of(request("PUT", "/key/a", fields)) == "403");
    CHECK(plan_of(request("DELETE", "/key/a", fields)) == "403");
    CHECK(plan_of(request("GET", "/key/a", fields)) == "REST GET a");
  }
  CHECK(plan_of(request("PUT", "/key/a", {{"origin", "https://h:1"}, {"sec-fetch-site", "same-origin"}})) ==
        "REST PUT a <body>");
}

TEST_CASE("http: pages") {
  CHECK(plan_of(request("GET", "/metrics?format=text")) == "METRICS");
  CHECK(plan_of(request("HEAD", "/cluster")) == "CLUSTER STATUS");
  CHECK(plan_of(request("GET", "/readyz")) == "READY");
  CHECK_FALSE(plan_request(request("GET", "/readyz"), "").needs_role);
  CHECK_FALSE(plan_request(request("GET", "/healthz"), "").needs_role);
  CHECK(plan_request(request("GET", "/"), "<html>").answer.body == "<html>");
  CHECK(plan_request(request("GET", "/"), "").answer.body.find("/metrics") != std::string::npos);
  CHECK(plan_of(request("POST", "/metrics")) == "405");
  CHECK(plan_of(request("GET", "/key")) == "404");
  CHECK(plan_of(request("GET", "/favicon.ico")) == "404");
}

TEST_CASE("http: conditions") {
  const auto strong = [](std::string_view value) { return tags_of_condition(value, TagComparison::kStrong); };
  const std::string a(16, 'a');
  const std::string b(16, 'b');
  CHECK(*strong(" *") == "*");
  CHECK(*strong("\"" + a + "\"") == a);
  CHECK(*strong("\"" + a + "\" ,\t\"" + b + "\"") == a + "," + b);
  CHECK(*strong("\"x,y\", \"" + b + "\"") == b);
  CHECK(*strong("W/\"" + a + "\"") == "-");
  CHECK(*tags_of_condition("W/\"" + a + "\"", TagComparison::kWeak) == a);
  CHECK(*strong("\"\"") == "-");
  for (const char* bad : {"", "a", "\"", "\"a", "\"a\" \"b\"", "\"a\",", "*,\"a\"", "w/\"a\""}) {
    CHECK_FALSE(strong(bad).ok());
  }
}

TEST_CASE("http: targets") {
  CHECK(*percent_decoded("a%20b%2Bc+d") == "a b+c+d");
  const auto target = parse_target("/p%20q?a=1&&b&c=%3D=");
  REQUIRE(target.ok());
  CHECK(target->path == "/p%20q");
  CHECK(target->queries == decltype(target->queries){{"a", "1"}, {"b", ""}, {"c", "=="}});
  CHECK(parse_target("HTTPS://host")->path == "/");
  CHECK_FALSE(parse_target("host:443").ok());
}

}  // namespace
}  // namespace ringhold
