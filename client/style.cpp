#include "client/style.h"

#include <langinfo.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <string_view>

namespace ringhold::client {

namespace {

bool g_utf8_locale = false;  // written once, at the start

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

bool may_colour(ColourChoice choice, int descriptor) {
  if (choice != ColourChoice::kAuto) return choice == ColourChoice::kAlways;
  // https://no-color.org: any value but the empty one.
  return isatty(descriptor) == 1 && environment("NO_COLOR").empty() && !environment("TERM").empty() &&
         environment("TERM") != "dumb";
}

}  // namespace

Style style_of_stdout(ColourChoice choice) {
  return {.colours = may_colour(choice, STDOUT_FILENO),
          .unicode = g_utf8_locale,
          .unicode_values = g_utf8_locale && isatty(STDOUT_FILENO) == 1};
}

bool colours_on_stderr(ColourChoice choice) {
  return may_colour(choice, STDERR_FILENO);
}

void set_up_characters() {
  std::setlocale(LC_CTYPE, "");
  g_utf8_locale = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
  if (g_utf8_locale) return;
  std::setlocale(LC_CTYPE, "C.UTF-8");
  // Where nobody has chosen a locale (a container, a bare ssh), the terminal is one of today's all the same;
  // who chose "C" meant ASCII.
  g_utf8_locale =
      environment("LC_ALL").empty() && environment("LC_CTYPE").empty() && environment("LANG").empty();
}

}  // namespace ringhold::client
