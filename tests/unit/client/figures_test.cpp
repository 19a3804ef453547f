// What the client measures and tells of a long run: latencies, progress; and the lines that it reads.
#include <doctest/doctest.h>
#include <unistd.h>

#include "client/characters.h"
#include "client/latency_histogram.h"
#include "client/line_reader.h"
#include "client/progress.h"
#include "client/style.h"

namespace ringhold::client {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

TEST_CASE("LatencyHistogram: percentiles within 1.6%, the rest exactly") {
  LatencyHistogram seen;
  CHECK(seen.percentile(0.5) == nanoseconds(0));
  for (int i = 1; i <= 100000; ++i) seen.add(microseconds(i));
  CHECK(seen.count() == 100000);
  CHECK(seen.min() == microseconds(1));
  CHECK(seen.max() == microseconds(100000));
  CHECK(seen.average() == nanoseconds(50000500));
  for (const double part : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    const double exact = part * 100000 * 1000;
    CHECK(static_cast<double>(seen.percentile(part).count()) == doctest::Approx(exact).epsilon(0.016));
  }
  CHECK(seen.percentile(1) == microseconds(100000));
}

TEST_CASE("LatencyHistogram: from nothing to ages") {
  LatencyHistogram seen;
  for (const std::int64_t ns :
       {std::int64_t{-5}, std::int64_t{0}, std::int64_t{63}, std::int64_t{64}, INT64_MAX}) {
    seen.add(nanoseconds(ns));
  }
  CHECK(seen.min() == nanoseconds(0));
  CHECK(seen.percentile(0.5) == nanoseconds(63));
  CHECK(seen.percentile(1) == nanoseconds(INT64_MAX));
}

TEST_CASE("render_progress: with a size and without, and within the terminal") {
  const ProgressFigures half{.bytes = 500, .commands = 1200000, .errors = 0};
  using Seconds = std::chrono::duration<double>;
  CHECK(render_progress(half, 1000, Seconds(10), 80, false, false) ==
        "##########..........  50%  1,200,000 commands  120,000/s  10 s left");
  CHECK(render_progress(half, 1000, Seconds(600), 80, false, false).ends_with("  10:00 min left"));
  CHECK(render_progress(half, 0, Seconds(10), 80, true, false) == "1,200,000 commands  120,000/s");
  CHECK(render_progress({.bytes = 1, .commands = 1, .errors = 1}, 0, Seconds(1), 80, true, false)
            .ends_with("  1 error"));
  const std::string narrow = render_progress(half, 1000, Seconds(10), 25, true, true);
  CHECK(
      narrow.ends_with("\x1b[36m\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588"
                       "\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\x1b[0m  50%"));
}

TEST_CASE("LineReader: lines, their numbers, and an end without a newline") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  LineReader reader(ends[0]);
  CHECK(reader.would_wait());
  REQUIRE(write(ends[1], "one\n\ntw", 7) == 7);
  CHECK_FALSE(reader.would_wait());
  std::string_view line;
  CHECK(*reader.fill());
  REQUIRE(reader.next(line));
  CHECK(line == "one");
  REQUIRE(reader.next(line));
  CHECK(line.empty());
  CHECK_FALSE(reader.next(line));
  CHECK(reader.lines() == 2);
  REQUIRE(write(ends[1], "o", 1) == 1);
  close(ends[1]);
  CHECK(*reader.fill());
  CHECK_FALSE(reader.next(line));
  CHECK_FALSE(*reader.fill());
  REQUIRE(reader.next(line));
  CHECK(line == "two");
  CHECK(reader.lines() == 3);
  CHECK(reader.bytes() == 8);
  close(ends[0]);
}

}  // namespace
}  // namespace ringhold::client
