#include "common/base/metrics_writer.h"

#include <fmt/core.h>

#include <array>
#include <cmath>
#include <iterator>

namespace ringhold {

namespace {

// Inside quotes: the three characters that the format escapes.
void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
}

// The upper bounds of the buckets in seconds, as they are written.
std::array<std::string, LatencyBuckets{}.size()> make_bounds() {
  std::array<std::string, LatencyBuckets{}.size()> bounds;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    bounds[i] = fmt::format("{}", std::ldexp(1e-6, static_cast<int>(i)));
  }
  bounds.back() = "+Inf";
  return bounds;
}

}  // namespace

MetricsWriter& MetricsWriter::family(std::string_view name, Kind kind, std::string_view help) {
  const std::string_view type = kind == Kind::kCounter ? "counter"
                                : kind == Kind::kGauge ? "gauge"
                                                       : "histogram";
  name_ = name;
  fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  return *this;
}

MetricsWriter& MetricsWriter::sample(Labels labels, double value) {
  line("", labels, "", value);
  return *this;
}

MetricsWriter& MetricsWriter::histogram(Labels labels, const LatencyHistogram& latency) {
  static const auto bounds = make_bounds();
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < latency.buckets.size(); ++i) {
    count += latency.buckets[i];
    line("_bucket", labels, bounds[i], static_cast<double>(count));
  }
  line("_sum", labels, "", static_cast<double>(latency.usec) / 1e6);
  line("_count", labels, "", static_cast<double>(count));
  return *this;
}

void MetricsWriter::line(std::string_view suffix, Labels labels, std::string_view bound, double value) {
  text_.append(name_).append(suffix);
  char separator = '{';
  for (const auto& [name, text] : labels) {
    text_.append(1, std::exchange(separator, ',')).append(name).append("=\"");
    append_escaped(text_, text);
    text_ += '"';
  }
  if (!bound.empty())
    text_.append(1, std::exchange(separator, ',')).append("le=\"").append(bound).append("\"");
  if (separator == ',') text_ += '}';
  // Counts are exact up to 2^53, and written without an exponent.
  const bool is_whole = value == std::floor(value) && std::abs(value) < 9e15;
  if (is_whole) {
    fmt::format_to(std::back_inserter(text_), " {}\n", static_cast<std::int64_t>(value));
  } else {
    fmt::format_to(std::back_inserter(text_), " {}\n", value);
  }
}

}  // namespace ringhold
