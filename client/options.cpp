#include "client/options.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "common/cli/command_line.h"

namespace ringhold::client {

namespace {

constexpr const char* kSummary =
    "Sends commands to Ringhold (or any Redis) over TLS.\n\n"
    "ringhold [OPTIONS] COMMAND [ARG...]  runs one command; what stands behind its name is sent as it is\n"
    "ringhold [OPTIONS]                   reads commands: from a pipe, or from a terminal with line editing\n"
    "ringhold [OPTIONS] status [OPTIONS]  shows the cluster; with --json as a document\n"
    "ringhold [OPTIONS] -- WORD...        sends a command, even if its name is one of the client's own "
    "words\n\n"
    "Exit: 0; 1 on an error reply or a lost connection; 2 on bad usage.";

// The options that take no value.
constexpr std::string_view kFlags[] = {"-h", "--help", "--version", "--json", "--raw", "--no-raw"};

// What the words of the command line are. The command's own words never count as options: LRANGE k 0 -1.
struct Words {
  std::vector<std::string> options;
  std::vector<std::string> command;
  bool status = false;
};

bool is_option(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && word != "--";
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
    const bool with_value = takes_value(argv[i++]);
    if (with_value && i < argc) words.options.emplace_back(argv[i++]);
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

void declare(CommandLine& line, ClientOptions& options) {
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

}  // namespace

std::variant<ClientOptions, int> parse_options(int argc, const char* const* argv) {
  Words words = sort_words(argc, argv);
  ClientOptions options;
  CommandLine line("ringhold", kSummary);
  declare(line, options);
  std::vector<const char*> arguments = {argv[0]};
  for (const std::string& word : words.options) arguments.push_back(word.c_str());
  if (const auto code = line.parse(static_cast<int>(arguments.size()), arguments.data())) return *code;
  if (int{options.json} + int{options.raw} + int{options.no_raw} > 1) {
    return line.usage_error("--json, --raw and --no-raw exclude each other");
  }
  if (options.wants_password()) drop_missing_certificate(options);
  options.status = words.status;
  options.command = std::move(words.command);
  return options;
}

}  // namespace ringhold::client
