#include "client/progress.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "client/characters.h"
#include "client/status_fields.h"
#include "client/text_table.h"

namespace ringhold::client {

namespace {

constexpr auto kFirstAfter = std::chrono::milliseconds(300);
constexpr auto kRedrawAfter = std::chrono::milliseconds(100);

// What is left of a file; 0 for what has no size.
std::uint64_t bytes_left(int input) {
  struct stat status {};
  if (fstat(input, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  const off_t at = lseek(input, 0, SEEK_CUR);
  return at < 0 || at >= status.st_size ? 0 : static_cast<std::uint64_t>(status.st_size - at);
}

int columns_of_stderr() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string seconds_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(seconds + 0.5);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02} min", whole / 60, whole % 60);
  return fmt::format("{}:{:02} h", whole / 3600, whole % 3600 / 60);
}

}  // namespace

std::string render_progress(const ProgressFigures& figures, std::uint64_t bytes_total,
                            std::chrono::duration<double> elapsed, int columns, bool unicode, bool colours) {
  const double seconds = std::max(elapsed.count(), 1e-3);
  const auto number = [](std::uint64_t value) { return count_text(static_cast<double>(value)); };
  std::string text;
  if (bytes_total > 0) {
    constexpr int kCells = 20;
    const double part = std::min(1.0, static_cast<double>(figures.bytes) / static_cast<double>(bytes_total));
    const int full = static_cast<int>(part * kCells);
    for (int i = 0; i < kCells; ++i) text += i < full ? (unicode ? "█" : "#") : (unicode ? "░" : ".");
    if (colours) text = coloured(text, Colour::kCyan);
    text += fmt::format(" {:3.0f}%  ", part * 100);
  }
  text += fmt::format("{} commands  {}/s", number(figures.commands),
                      number(static_cast<std::uint64_t>(static_cast<double>(figures.commands) / seconds)));
  if (bytes_total > figures.bytes && figures.bytes > 0) {
    const double left = static_cast<double>(bytes_total - figures.bytes) / static_cast<double>(figures.bytes);
    text += fmt::format("  {} left", seconds_text(left * seconds));
  }
  if (figures.errors > 0) {
    const std::string errors =
        fmt::format("{} {}", number(figures.errors), figures.errors == 1 ? "error" : "errors");
    text += "  " + (colours ? coloured(errors, Colour::kRed) : errors);
  }
  return cut_coloured(text, columns);
}

Progress::Progress(int input, bool unicode, bool colours)
    : enabled_(isatty(STDERR_FILENO) == 1),
      shared_(isatty(STDOUT_FILENO) == 1),
      unicode_(unicode),
      colours_(colours),
      bytes_total_(bytes_left(input)) {}

void Progress::update(const ProgressFigures& figures) {
  if (!enabled_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - begun_ < kFirstAfter || now - drawn_ < kRedrawAfter) return;
  drawn_ = now;
  fmt::print(
      stderr, "\r{}\x1b[K",
      render_progress(figures, bytes_total_, now - begun_, columns_of_stderr() - 1, unicode_, colours_));
  std::fflush(stderr);
  shown_ = was_shown_ = true;
}

void Progress::hide() {
  if (!shown_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace ringhold::client
