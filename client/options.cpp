#include "client/options.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "common/base/text.h"
#include "common/cli/command_line.h"

namespace ringhold::client {

namespace {

constexpr const char* kSummary =
    "Sends commands to Ringhold (or any Redis) over TLS.\n\n"
    "ringhold [OPTIONS] COMMAND [ARG...]  runs one command; what stands behind its name is sent as it is\n"
    "ringhold [OPTIONS]                   reads commands: from a pipe, or from a terminal with line editing\n"
    "ringhold [OPTIONS] status [OPTIONS]  shows the cluster; with --json as a document, with --watch again "
    "and "
    "again\n"
    "ringhold [OPTIONS] --latency         measures how long PING takes\n"
    "ringhold [OPTIONS] -- WORD...        sends a command, even if its name is one of the client's own "
    "words\n\n"
    "Exit: 0; 1 on an error reply or a lost connection; 2 on bad usage.";

// The options that take no value.
constexpr std::string_view kFlags[] = {"-h",    "--help",   "--version", "--json",
                                       "--raw", "--no-raw", "--latency"};

// What the words of the command line are. The command's own words never count as options: LRANGE k 0 -1.
struct Words {
  std::vector<std::string> options;
  std::vector<std::string> command;
  bool status = false;
};

bool is_option(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && word != "--";
}
// "--watch" may stand alone; what follows it belongs to it if it is a number.
bool begins_with_digit(std::string_view word) {
  return !word.empty() && word.front() >= '0' && word.front() <= '9';
}
std::vector<std::string> with_watch_values(std::vector<std::string> words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != "--watch") continue;
    const bool given = i + 1 < words.size() && begins_with_digit(words[i + 1]);
    words[i] += "=" + (given ? words[i + 1] : "1s");
    if (given) words.erase(words.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
  return words;
}

bool takes_value(const std::string& option) {
  const bool flag = std::find(std::begin(kFlags), std::end(kFlags), option) != std::end(kFlags);
  return !flag && option.find('=') == std::string::npos;
}

Words sort_words(int argc, const char* const* argv) {
  Words words;
  int i = 1;
  while (i < argc && is_option(argv[i])) {
    words.options.emplace_back(argv[i]);
    const bool watch = words.options.back() == "--watch";
    const bool with_value = takes_value(argv[i++]);
    if (with_value && i < argc && (!watch || begins_with_digit(argv[i])))
      words.options.emplace_back(argv[i++]);
  }
  if (i < argc && argv[i] == std::string_view("status")) {
    words.status = true;
    words.options.insert(words.options.end(), argv + i + 1, argv + argc);
    return words;
  }
  if (i < argc && argv[i] == std::string_view("--")) ++i;
  words.command.assign(argv + i, argv + argc);
  return words;
}

// Durations that have no default to show.
struct Pauses {
  std::string watch;
  std::string interval;
};

void declare(CommandLine& line, ClientOptions& options, Pauses& pauses) {
  line.address("addr", options.address, "HOST:PORT of a proxy or a data server");
  line.text("cert", options.cert_file, "Client certificate; \"\" for none");
  line.text("key", options.key_file, "Its private key");
  line.text("ca", options.ca_file, "The CA that signs the servers' certificates");
  line.text("user", options.user, "Authenticate as this user; asks for the password");
  line.text("password-file", options.password_file, "File whose first line is the password (mode 0600)");
  line.choice<std::optional<RespVersion>>("resp", options.version,
                                          {{"2", RespVersion::k2}, {"3", RespVersion::k3}},
                                          "Version of the protocol; without it 2, with --json 3");
  line.duration("timeout", options.timeout,
                "For connecting, and for each reply unless it is waited for on a terminal");
  line.flag("json", options.json, "Print one JSON document per reply");
  line.flag("raw", options.raw, "Print replies as they are (default when the output is no terminal)");
  line.flag("no-raw", options.no_raw, "Print replies for people (default on a terminal)");
  line.choice<ColourChoice>(
      "color", options.colour,
      {{"auto", ColourChoice::kAuto}, {"always", ColourChoice::kAlways}, {"never", ColourChoice::kNever}},
      "auto: on a terminal, unless NO_COLOR is set");
  line.text("watch", pauses.watch, "With 'status': again every so many seconds, 1 if none is given");
  line.flag("latency", options.latency, "Time PINGs until Ctrl-C: min, average, p50, p99, max");
  line.number("count,-r", options.count, {0, 1'000'000'000},
              "How often to run COMMAND, or to PING; 0: COMMAND once, PING until Ctrl-C");
  line.text("interval,-i", pauses.interval, "Pause between these; PING's is 10ms if none is given");
}

// Who has a password may do without a certificate: then the default one need not exist.
void drop_missing_certificate(ClientOptions& options) {
  const ClientOptions defaults;
  const bool by_default = options.cert_file == defaults.cert_file && options.key_file == defaults.key_file;
  if (!by_default || access(defaults.cert_file.c_str(), F_OK) == 0 ||
      access(defaults.key_file.c_str(), F_OK) == 0) {
    return;
  }
  options.cert_file.clear();
  options.key_file.clear();
}

Result<std::chrono::milliseconds> take_pause(const std::string& name, const std::string& text) {
  auto pause = parse_pause(text);
  if (!pause) return Error{name + ": " + pause.error().message};
  return pause;
}
Result<void> take_pauses(const Pauses& pauses, ClientOptions& options) {
  if (!pauses.watch.empty()) {
    const auto watch = take_pause("--watch", pauses.watch);
    if (!watch) return watch.error();
    options.watch = *watch;
  }
  if (!pauses.interval.empty()) {
    const auto interval = take_pause("--interval", pauses.interval);
    if (!interval) return interval.error();
    options.interval = *interval;
  }
  return {};
}

// What is of no use together; empty if there is nothing.
std::string describe_misuse(const ClientOptions& options, const Words& words) {
  const bool command = !words.command.empty();
  if (options.latency && (command || words.status)) return "--latency takes no command";
  if (options.watch && !words.status) return "--watch belongs to 'status'";
  if ((options.count > 0 || options.interval.count() > 0) && !command && !options.latency) {
    return "--count and --interval need a COMMAND, or --latency";
  }
  return "";
}

}  // namespace

Result<std::chrono::milliseconds> parse_pause(const std::string& text) {
  // "0.5" is half a second: three decimals are made a number of milliseconds.
  const std::size_t point = text.find('.');
  auto pause = parse_duration(text);
  if (!pause && point != std::string::npos && text.size() - point <= 4) {
    const std::string decimals = text.substr(point + 1) + std::string(4 - (text.size() - point), '0');
    const auto seconds = parse_uint64(point == 0 ? "0" : text.substr(0, point));
    const auto fraction = parse_uint64("1" + decimals);  // no number begins with a 0
    constexpr std::uint64_t kSecondsMax = 1000000;
    if (seconds && fraction && *seconds <= kSecondsMax) {
      pause = std::chrono::milliseconds(*seconds * 1000 + *fraction - 1000);
    }
  }
  if (pause && pause->count() == 0) return Error{"must be longer than 0"};
  return pause;
}

std::variant<ClientOptions, int> parse_options(int argc, const char* const* argv) {
  Words words = sort_words(argc, argv);
  words.options = with_watch_values(std::move(words.options));
  ClientOptions options;
  CommandLine line("ringhold", kSummary);
  Pauses pauses;
  declare(line, options, pauses);
  std::vector<const char*> arguments = {argv[0]};
  for (const std::string& word : words.options) arguments.push_back(word.c_str());
  if (const auto code = line.parse(static_cast<int>(arguments.size()), arguments.data())) return *code;
  if (const auto taken = take_pauses(pauses, options); !taken) return line.usage_error(taken.error().message);
  if (int{options.json} + int{options.raw} + int{options.no_raw} > 1) {
    return line.usage_error("--json, --raw and --no-raw exclude each other");
  }
  if (const std::string wrong = describe_misuse(options, words); !wrong.empty())
    return line.usage_error(wrong);
  if (options.wants_password()) drop_missing_certificate(options);
  options.status = words.status;
  options.command = std::move(words.command);
  return options;
}

}  // namespace ringhold::client
