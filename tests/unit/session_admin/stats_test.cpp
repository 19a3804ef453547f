#include "common/session/stats.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "common/command/command_table.h"

namespace ringhold {
namespace {

TEST_CASE("stats: a call counts once, with its time") {
  ServerStats stats;
  stats.record_call(CommandId::kGet, 5, "$1\r\nx\r\n");
  stats.record_call(CommandId::kGet, 7, "$-1\r\n");
  CHECK(stats.command(CommandId::kGet).calls == 2);
  CHECK(stats.command(CommandId::kGet).latency.usec == 12);
  CHECK(stats.command(CommandId::kGet).failed_calls == 0);
  CHECK(stats.command(CommandId::kSet).calls == 0);
  CHECK(stats.traffic().commands == 2);
  CHECK(stats.error_replies() == 0);
}

TEST_CASE("stats: an error reply counts as failed and by its word") {
  ServerStats stats;
  stats.record_call(CommandId::kIncr, 1, "-ERR value is not an integer or out of range\r\n");
  stats.record_call(CommandId::kIncr, 1, "-WRONGTYPE Operation against a key\r\n");
  stats.record_call(CommandId::kIncr, 1, ":-5\r\n");
  stats.record_rejected(&command_row(CommandId::kIncr), "ERR wrong number of arguments for 'incr' command");
  stats.record_rejected(nullptr, "ERR unknown command 'x', with args beginning with: ");
  CHECK(stats.command(CommandId::kIncr).calls == 3);
  CHECK(stats.command(CommandId::kIncr).failed_calls == 2);
  CHECK(stats.command(CommandId::kIncr).rejected_calls == 1);
  CHECK(stats.error_replies() == 4);
  CHECK(stats.errors().at("ERR") == 3);
  CHECK(stats.errors().at("WRONGTYPE") == 1);
}

TEST_CASE("stats: what is no word of an error counts as ERR") {
  ServerStats stats;
  for (const std::string& error : {std::string("-NOSPACE\r\n"), std::string(""), std::string("- x"),
                                   "-" + std::string(33, 'A') + " too long"}) {
    stats.record_error(error);
  }
  CHECK(stats.errors().size() == 1);
  CHECK(stats.errors().at("ERR") == 4);
  stats.record_error("-" + std::string(32, 'A') + " just fits");
  CHECK(stats.errors().size() == 2);
}

TEST_CASE("stats: distinct error words are bounded, all errors are counted") {
  ServerStats stats;
  for (std::size_t i = 0; i < limits::kErrorWordsMax + 50; ++i) {
    stats.record_error("WORD" + std::to_string(i) + " x");
  }
  CHECK(stats.errors().size() == limits::kErrorWordsMax);
  CHECK(stats.unexpected_errors() == 50);
  CHECK(stats.error_replies() == limits::kErrorWordsMax + 50);

  ServerStats other;
  other.record_error("NEW x");
  other.record_error("WORD0 x");
  stats.add(other);
  CHECK(stats.errors().size() == limits::kErrorWordsMax);
  CHECK(stats.unexpected_errors() == 51);
  CHECK(stats.errors().at("WORD0") == 2);
}

TEST_CASE("stats: durations fall into buckets of powers of two") {
  ServerStats stats;
  for (const std::uint64_t usec : {0U, 1U, 2U, 3U, 4U, 5U, 1024U, 1025U}) {
    stats.record_call(CommandId::kGet, usec, "+OK\r\n");
  }
  stats.record_call(CommandId::kGet, UINT64_MAX, "+OK\r\n");
  const LatencyBuckets& latency = stats.command(CommandId::kGet).latency.buckets;
  CHECK(latency[0] == 2);   // 0, 1
  CHECK(latency[1] == 1);   // 2
  CHECK(latency[2] == 2);   // 3, 4
  CHECK(latency[3] == 1);   // 5
  CHECK(latency[10] == 1);  // 1024
  CHECK(latency[11] == 1);  // 1025
  CHECK(latency.back() == 1);
}

TEST_CASE("latency_percentile: the upper bound of the bucket") {
  LatencyBuckets buckets{};
  CHECK(latency_percentile(buckets, 50) == 0);
  buckets[3] = 99;
  buckets[10] = 1;
  CHECK(latency_percentile(buckets, 50) == 8);
  CHECK(latency_percentile(buckets, 99) == 8);
  CHECK(latency_percentile(buckets, 99.9) == 1024);
  CHECK(latency_percentile(buckets, 100) == 1024);
}

TEST_CASE("stats: rates over the last samples") {
  ServerStats stats;
  MonoTime now{std::chrono::seconds(5)};
  CHECK(stats.rates().commands == 0);
  stats.sample(now, 0);
  CHECK(stats.rates().commands == 0);
  for (std::size_t i = 0; i < 3 * limits::kRateSamples; ++i) {
    for (int call = 0; call < 10; ++call) stats.record_call(CommandId::kPing, 1, "+PONG\r\n");
    stats.record_input(1024);
    stats.record_output(2048);
    now += limits::kRateSampleInterval;
    stats.sample(now, 0);
  }
  CHECK(stats.rates().commands == doctest::Approx(100));
  CHECK(stats.rates().input_bytes == doctest::Approx(10240));
  CHECK(stats.rates().output_bytes == doctest::Approx(20480));

  // What is long ago no longer counts.
  for (std::size_t i = 0; i < limits::kRateSamples; ++i) {
    now += limits::kRateSampleInterval;
    stats.sample(now, 0);
  }
  CHECK(stats.rates().commands == 0);
}

TEST_CASE("stats: two samples at one instant give no rate") {
  ServerStats stats;
  stats.sample(MonoTime{}, 0);
  stats.record_call(CommandId::kPing, 1, "+PONG\r\n");
  stats.sample(MonoTime{}, 0);
  CHECK(stats.rates().commands == 0);
}

TEST_CASE("stats: workers add up") {
  ServerStats total;
  for (int worker = 0; worker < 3; ++worker) {
    ServerStats stats;
    MonoTime now{};
    stats.sample(now, 100);
    stats.record_call(CommandId::kGet, 10, "-ERR x\r\n");
    stats.record_connection();
    stats.record_input(5);
    stats.record_output(6);
    now += std::chrono::seconds(1);
    stats.sample(now, 50);
    total.add(stats);
  }
  CHECK(total.command(CommandId::kGet).calls == 3);
  CHECK(total.command(CommandId::kGet).latency.usec == 30);
  CHECK(total.command(CommandId::kGet).failed_calls == 3);
  CHECK(total.command(CommandId::kGet).latency.buckets[4] == 3);
  CHECK(total.traffic().commands == 3);
  CHECK(total.traffic().input_bytes == 15);
  CHECK(total.traffic().output_bytes == 18);
  CHECK(total.rates().commands == doctest::Approx(3));
  CHECK(total.connections_received() == 3);
  CHECK(total.errors().at("ERR") == 3);
  CHECK(total.error_replies() == 3);
  CHECK(total.used_bytes_peak() == 300);
}

TEST_CASE("stats: a reset leaves nothing but the peak of memory") {
  ServerStats stats;
  stats.record_call(CommandId::kGet, 10, "-ERR x\r\n");
  stats.record_connection();
  stats.sample(MonoTime{}, 70);
  stats.sample(MonoTime{std::chrono::seconds(1)}, 30);
  stats.reset();
  CHECK(stats.command(CommandId::kGet).calls == 0);
  CHECK(stats.traffic().commands == 0);
  CHECK(stats.connections_received() == 0);
  CHECK(stats.error_replies() == 0);
  CHECK(stats.errors().empty());
  CHECK(stats.used_bytes_peak() == 70);
  stats.sample(MonoTime{std::chrono::seconds(2)}, 30);
  CHECK(stats.rates().commands == 0);  // not negative, not huge
}

}  // namespace
}  // namespace ringhold
