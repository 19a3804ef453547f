// From an HTTP request to what is to be done about it: an answer, or a command whose reply becomes the
// answer. Pure: docs/rest.md in code.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/request_parser.h"

namespace ringhold {

// How the reply of a command becomes a response.
enum class ReplyForm : std::uint8_t {
  kRead,     // REST GET: [type, tag, milliseconds left, value]; without the value: not modified
  kLook,     // REST HEAD: the same with the size in place of the value
  kWrite,    // REST PUT: [created, tag]
  kDelete,   // REST DELETE: 1, or 0: there was none
  kMetrics,  // a text: METRICS
  kJson,     // a JSON document: CLUSTER STATUS
  kReady,    // READY: a text, or an error: not ready
};

struct HttpAnswer {
  int status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string body;
  std::string more;  // further header lines, each with its CRLF
};

struct HttpPlan {
  bool is_command = false;
  HttpAnswer answer;  // if it is none
  // The command: `before`, then the request's body if `takes_body`, then `after`.
  std::vector<std::string> before;
  std::vector<std::string> after;
  bool takes_body = false;
  ReplyForm form = ReplyForm::kRead;
  bool needs_role = true;  // false: also for clients that have not authenticated
};

// `front_page`: an HTML document for "/", or empty. A plan with an answer of 400 and above refuses the
// request.
HttpPlan plan_request(const HttpRequest& request, std::string_view front_page);

// An error answer: one line of text.
HttpAnswer refusal(int status, std::string_view what);

}  // namespace ringhold
