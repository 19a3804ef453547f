#include "client/latency_mode.h"

#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include <cmath>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/characters.h"
#include "client/interrupt.h"
#include "client/latency_histogram.h"
#include "client/terminal.h"

namespace ringhold::client {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kRedrawAfter = std::chrono::milliseconds(100);
constexpr std::uint32_t kCountElsewhere = 100;

double ms(LatencyHistogram::Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

std::string describe(const LatencyHistogram& seen) {
  return fmt::format("min {:.3f}  avg {:.3f}  p50 {:.3f}  p99 {:.3f}  max {:.3f} ms  ({} PINGs)",
                     ms(seen.min()), ms(seen.average()), ms(seen.percentile(0.5)), ms(seen.percentile(0.99)),
                     ms(seen.max()), seen.count());
}

std::string as_json(const LatencyHistogram& seen, const std::string& address) {
  const auto rounded = [](LatencyHistogram::Duration duration) {
    return std::round(ms(duration) * 1e6) / 1e6;
  };
  return nlohmann::ordered_json{{"addr", address},
                                {"count", seen.count()},
                                {"min_ms", rounded(seen.min())},
                                {"avg_ms", rounded(seen.average())},
                                {"p50_ms", rounded(seen.percentile(0.5))},
                                {"p99_ms", rounded(seen.percentile(0.99))},
                                {"max_ms", rounded(seen.max())}}
      .dump();
}

// One line that is drawn over itself.
class Line {
 public:
  explicit Line(bool live) : live_(live) {
    if (isatty(STDIN_FILENO) == 1 && live_) terminal_.set(Terminal::Mode::kQuiet);  // no "^C" within the line
  }
  void draw(const LatencyHistogram& seen, bool last) {
    if (!live_ || (!last && Clock::now() - drawn_ < kRedrawAfter)) return;
    drawn_ = Clock::now();
    const std::string text = describe(seen);
    Terminal::write("\r" + std::string(cut_to_columns(text, Terminal::size().columns - 1)) + "\x1b[K" +
                    (last ? "\n" : ""));
  }

 private:
  Terminal terminal_;
  bool live_;
  Clock::time_point drawn_;
};

}  // namespace

int run_latency(const Session& session, const LatencyOptions& options) {
  catch_interrupts();
  ConnectionOptions to = session.connection;
  to.interrupt = &interrupted();
  const auto connection = Connection::open(session.tls, to);
  if (!connection) return report(connection.error());
  const bool json = session.output.format == OutputFormat::kJson;
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  const bool live = terminal && !json && Terminal::can_edit();
  const std::uint32_t count = options.count == 0 && !terminal ? kCountElsewhere : options.count;

  LatencyHistogram seen;
  std::optional<Error> lost;
  {
    Line line(live);
    const std::vector<std::string> ping = {"PING"};
    while (!interrupted() && (count == 0 || seen.count() < count)) {
      const auto begun = Clock::now();
      const auto reply = (*connection)->call(ping);
      if (!reply) {
        if (!interrupted()) lost = reply.error();
        break;
      }
      if (reply->is_error()) {
        lost = Error{fmt::format("{}: {}", to.address.text(), reply->text)};
        break;
      }
      seen.add(Clock::now() - begun);
      line.draw(seen, false);
      if (count == 0 || seen.count() < count)
        (void)::poll(nullptr, 0, static_cast<int>(options.interval.count()));
    }
    line.draw(seen, true);
  }
  if (json) print(as_json(seen, to.address.text()) + "\n");
  if (!json && !live) print(describe(seen) + "\n");
  return lost ? report(*lost) : kExitOk;
}

}  // namespace ringhold::client
