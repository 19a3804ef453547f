#include "common/http/response.h"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <array>
#include <chrono>

namespace ringhold {

namespace {

struct Reason {
  int status;
  std::string_view text;
};
constexpr std::array kReasons{Reason{200, "OK"},
                              Reason{201, "Created"},
                              Reason{204, "No Content"},
                              Reason{304, "Not Modified"},
                              Reason{400, "Bad Request"},
                              Reason{401, "Unauthorized"},
                              Reason{403, "Forbidden"},
                              Reason{404, "Not Found"},
                              Reason{405, "Method Not Allowed"},
                              Reason{408, "Request Timeout"},
                              Reason{409, "Conflict"},
                              Reason{412, "Precondition Failed"},
                              Reason{413, "Content Too Large"},
                              Reason{416, "Range Not Satisfiable"},
                              Reason{417, "Expectation Failed"},
                              Reason{431, "Request Header Fields Too Large"},
                              Reason{500, "Internal Server Error"},
                              Reason{501, "Not Implemented"},
                              Reason{503, "Service Unavailable"},
                              Reason{504, "Gateway Timeout"},
                              Reason{505, "HTTP Version Not Supported"},
                              Reason{507, "Insufficient Storage"}};

}  // namespace

bool is_bodiless(int status) {
  return status == 204 || status == 304;
}

std::string_view http_reason(int status) {
  for (const Reason& reason : kReasons) {
    if (reason.status == status) return reason.text;
  }
  return "";
}

std::string http_date(UnixMs wall_ms) {
  constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::tm time = fmt::gmtime(static_cast<std::time_t>(wall_ms / 1000));
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[time.tm_wday % 7], time.tm_mday,
                     kMonths[time.tm_mon % 12], time.tm_year + 1900, time.tm_hour, time.tm_min, time.tm_sec);
}

void append_head(ByteBuffer& out, const ResponseHead& head) {
  std::string text = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\nServer: ringhold\r\n", head.status,
                                 http_reason(head.status), http_date(head.wall_ms));
  if (!head.content_type.empty()) text += fmt::format("Content-Type: {}\r\n", head.content_type);
  if (is_bodiless(head.status)) {
    // nothing
  } else if (head.content_length) {
    text += fmt::format("Content-Length: {}\r\n", *head.content_length);
  } else if (head.minor_version > 0) {
    text += "Transfer-Encoding: chunked\r\n";
  }
  // What is stored here may be any bytes of anybody: no browser is to guess that it is a page or a script.
  text += "X-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\n";
  if (head.close) {
    text += "Connection: close\r\n";
  } else if (head.minor_version == 0) {
    text += "Connection: keep-alive\r\n";
  }
  text += head.more;
  text += "\r\n";
  out.append(text);
}

}  // namespace ringhold
