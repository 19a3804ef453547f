#include "client/status_mode.h"

#include <fmt/chrono.h>
#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <string_view>
#include <utility>

#include "client/characters.h"
#include "client/interrupt.h"
#include "client/status_view.h"
#include "client/terminal.h"
#include "client/text_table.h"

namespace ringhold::client {

namespace {

Result<std::string> ask_status(Connection& connection, const Address& address) {
  auto reply = connection.call(std::vector<std::string>{"CLUSTER", "STATUS"});
  if (!reply) return reply.error();
  if (reply->is_error())
    return Error{fmt::format("{} cannot tell its status: {}", address.text(), reply->text)};
  return std::move(reply->text);
}

StatusStyle style_for(const Session& session) {
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  return {.colours = session.output.style.colours,
          .unicode = session.output.style.unicode,
          .columns = terminal ? Terminal::size().columns : 0};
}

Result<std::string> render(const Session& session, const std::string& document) {
  if (session.output.format == OutputFormat::kJson) return document + "\n";
  auto table = render_status(document, style_for(session));
  if (!table) return Error{fmt::format("{}: {}", session.connection.address.text(), table.error().message)};
  return table;
}

// Asks on one connection as long as it lasts.
class Asker {
 public:
  explicit Asker(const Session& session) : session_(session) {
    session_.connection.interrupt = &interrupted();
  }
  Result<std::string> ask() {
    if (!connection_) {
      auto opened = Connection::open(session_.tls, session_.connection);
      if (!opened) return opened.error();
      connection_ = std::move(*opened);
    }
    auto document = ask_status(*connection_, session_.connection.address);
    if (!document) connection_.reset();
    return document;
  }

 private:
  Session session_;
  std::unique_ptr<Connection> connection_;
};

// A screen of its own, which leaves the terminal's content as it was.
class Screen {
 public:
  Screen() {
    terminal_.set_farewell("\x1b[?25h\x1b[?1049l");
    Terminal::write("\x1b[?1049h\x1b[?25l");
    terminal_.set(Terminal::Mode::kQuiet);
  }

  // Each line is drawn over the old one: nothing flickers.
  static void draw(std::string_view text) {
    const ScreenSize size = Terminal::size();
    std::string out = "\x1b[H";
    for (int row = 0; row < size.rows && !text.empty(); ++row) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      if (row > 0) out += "\r\n";
      out += cut_coloured(text.substr(0, end), size.columns);
      out += "\x1b[K";
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    Terminal::write(out + "\x1b[J");
  }

 private:
  Terminal terminal_;
};

class Watch {
 public:
  Watch(const Session& session, std::chrono::milliseconds interval)
      : session_(session),
        interval_(interval),
        asker_(session),
        keys_(isatty(STDIN_FILENO) == 1),
        live_(isatty(STDOUT_FILENO) == 1 && keys_ && session.output.format != OutputFormat::kJson &&
              Terminal::can_edit()) {}

  int run() {
    {
      std::optional<Screen> screen;
      if (live_) screen.emplace();
      auto next = std::chrono::steady_clock::now();
      while (!interrupted() && !quit_) {
        ask();
        if (!show()) return kExitFailed;
        next = std::max(next + interval_, std::chrono::steady_clock::now());
        wait_until(next);
      }
    }
    if (live_) show_last();
    return failure_.empty() ? kExitOk : kExitFailed;
  }

 private:
  void ask() {
    auto document = asker_.ask();
    if (interrupted()) return;
    failure_ = document ? "" : document.error().message;
    if (document) document_ = std::move(*document);
    asked_ = std::time(nullptr);
  }

  bool show() {
    if (interrupted()) return true;
    if (live_) {
      Screen::draw(picture());
      return true;
    }
    if (!failure_.empty()) {
      report(Error{failure_});
      return true;
    }
    const auto text = render(session_, document_);
    if (!text) return report(text.error()) == kExitOk;
    return print(session_.output.format == OutputFormat::kJson ? *text : *text + "\n");
  }

  std::string picture() {
    const bool colours = session_.output.style.colours;
    const auto paint = [colours](const std::string& text, Colour colour) {
      return colours ? coloured(text, colour) : text;
    };
    std::tm local{};
    localtime_r(&asked_, &local);
    std::string text =
        paint(fmt::format("{}  {:%H:%M:%S}, every {:g} s; Ctrl-C ends", session_.connection.address.text(),
                          local, std::chrono::duration<double>(interval_).count()),
              Colour::kDim) +
        "\n\n";
    if (!failure_.empty())
      text +=
          paint(failure_, Colour::kRed) + "\ntrying again" + (document_.empty() ? "" : "; before:\n") + "\n";
    if (document_.empty()) return text;
    const auto table = render(session_, document_);
    return text + (table ? *table : table.error().message + "\n");
  }

  void show_last() const {
    if (!document_.empty()) {
      if (const auto text = render(session_, document_)) print(*text);
    }
    if (!failure_.empty()) report(Error{failure_});
  }

  // Looks at the keys meanwhile, and draws anew when the size has changed.
  void wait_until(std::chrono::steady_clock::time_point end) {
    while (!interrupted() && !quit_) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
      if (left.count() <= 0) return;
      if (!live_) {
        (void)::poll(nullptr, 0, static_cast<int>(left.count()));
        continue;
      }
      const auto event = Terminal::wait(left);
      if (event == Terminal::Event::kEnd) quit_ = true;
      if (event == Terminal::Event::kInterrupted) (void)show();
      if (event != Terminal::Event::kInput) continue;
      std::string typed;
      if (Terminal::read(typed) == Terminal::Event::kEnd) quit_ = true;
      quit_ |= typed.find_first_of("qQ\x04") != std::string::npos;
    }
  }

  const Session& session_;
  std::chrono::milliseconds interval_;
  Asker asker_;
  bool keys_;
  bool live_;
  bool quit_ = false;
  std::string document_;  // the last one
  std::string failure_;   // why there is no newer one
  std::time_t asked_ = 0;
};

}  // namespace

int run_status(const Session& session) {
  const auto connection = Connection::open(session.tls, session.connection);
  if (!connection) return report(connection.error());
  const auto document = ask_status(**connection, session.connection.address);
  if (!document) return report(document.error());
  const auto text = render(session, *document);
  if (!text) return report(text.error());
  return print(*text) ? kExitOk : kExitFailed;
}

int watch_status(const Session& session, std::chrono::milliseconds interval) {
  catch_interrupts();
  return Watch(session, interval).run();
}

}  // namespace ringhold::client
