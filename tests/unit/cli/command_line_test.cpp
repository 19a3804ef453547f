#include "common/cli/command_line.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "common/base/log.h"
#include "common/cli/server_flags.h"

using namespace ringhold;

namespace {

std::string temporary_file(const std::string& content) {
  std::string path = (std::filesystem::temp_directory_path() / "ringhold-cli-XXXXXX").string();
  const int fd = mkstemp(path.data());
  REQUIRE(fd >= 0);
  ::close(fd);
  std::ofstream(path) << content;
  return path;
}

// Runs `body` with file descriptor `fd` going to a file, and gives what was written.
template <typename Body>
std::string captured(int fd, std::FILE* stream, Body body) {
  const std::string path = temporary_file("");
  std::fflush(stream);
  const int saved = ::dup(fd);
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  ::dup2(file, fd);
  body();
  std::fflush(stream);
  ::dup2(saved, fd);
  ::close(saved);
  ::close(file);
  std::ifstream in(path);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  ::unlink(path.c_str());
  return text;
}

struct Outcome {
  std::optional<int> code;
  std::string out;
  std::string err;
  ServerFlags flags;
  std::uint64_t size = 512 << 20;
};

Outcome parse(std::vector<std::string> words) {
  Outcome outcome;
  words.insert(words.begin(), "prog");
  std::vector<const char*> argv;
  argv.reserve(words.size());
  for (const auto& word : words) argv.push_back(word.c_str());
  CommandLine line("prog", "Does things.");
  declare(line, outcome.flags);
  line.size("value-bytes-max", outcome.size, "the largest value");
  outcome.err = captured(2, stderr, [&] {
    outcome.out =
        captured(1, stdout, [&] { outcome.code = line.parse(static_cast<int>(argv.size()), argv.data()); });
  });
  return outcome;
}

// One line that begins with the program and leads to --help, exit code 2.
void check_refused(const Outcome& outcome, const std::string& part) {
  CHECK(outcome.code == 2);
  CHECK(outcome.out.empty());
  CHECK(outcome.err.find("prog: ") == 0);
  CHECK_MESSAGE(outcome.err.find(part) != std::string::npos, outcome.err);
  CHECK(outcome.err.find("; see prog --help\n") + 18 == outcome.err.size());
  CHECK(outcome.err.find('\n') == outcome.err.size() - 1);
}

}  // namespace

TEST_CASE("command line: defaults, and what every kind of flag takes") {
  CHECK_FALSE(parse({}).code);
  CHECK(parse({}).flags.addr.text() == "127.0.0.1:9443");
  const Outcome o =
      parse({"--addr", "[::1]:7000", "--advertise=db.example:7000", "--client-auth", "optional", "--deadline",
             "250ms", "--connections-max", "5", "--value-bytes-max", "64mb", "--key", "k"});
  CHECK_FALSE(o.code);
  CHECK(o.flags.addr.text() == "[::1]:7000");
  CHECK(o.flags.advertise->text() == "db.example:7000");
  CHECK(o.flags.tls.client_auth == ClientAuth::kOptional);
  CHECK(o.flags.tls.key_file == "k");
  CHECK(o.flags.deadline.count() == 250);
  CHECK(o.flags.connections_max == 5);
  CHECK(o.size == 64U << 20U);
  CHECK(parse({"--deadline", "1s", "--deadline", "3s"}).flags.deadline.count() == 3000);
}

TEST_CASE("command line: help and version go to stdout and end with 0") {
  const Outcome help = parse({"--help"});
  CHECK(help.code == 0);
  CHECK(help.err.empty());
  for (const char* part : {"Does things.", "--addr", "127.0.0.1:9443", "512mb", "--deadline", "2s",
                           "--config", "--log-level", "required, optional", "--version"}) {
    CHECK_MESSAGE(help.out.find(part) != std::string::npos, part);
  }
  const Outcome version = parse({"--version"});
  CHECK(version.code == 0);
  CHECK(version.out == "prog " RINGHOLD_VERSION "\n");
}

TEST_CASE("command line: what is wrong is one line and exit code 2") {
  check_refused(parse({"--nonsense", "value"}), "unknown option '--nonsense'");
  check_refused(parse({"-x"}), "unknown option '-x'");
  check_refused(parse({"word"}), "unexpected argument 'word'");
  check_refused(parse({"--addr"}), "--addr needs a value; see");
  check_refused(parse({"--addr", "9443"}), "'9443' is not an address");
  check_refused(parse({"--addr", "a:99999"}), "the port is not a number from 0 to 65535");
  check_refused(parse({"--deadline", "soon"}), "'soon' is not a duration");
  check_refused(parse({"--deadline", "0"}), "must be longer than 0");
  check_refused(parse({"--connections-max", "0"}), "'0' is not a number from 1 to 1000000");
  check_refused(parse({"--connections-max", "-3"}), "'-3' is not a number from 1 to 1000000");
  check_refused(parse({"--value-bytes-max", "64q"}), "'64q' is not a size");
  check_refused(parse({"--client-auth", "maybe"}), "'maybe' is not one of required, optional");
  check_refused(parse({"--log-level", "loud"}), "'loud' is not a log level");
  check_refused(parse({"--config", "/no/such/file"}), "/no/such/file");
}

TEST_CASE("command line: a configuration file has the flags' names, and flags win") {
  const std::string good = temporary_file(
      "addr = \"127.0.0.1:7001\"\nclient-auth = \"optional\"\ndeadline = \"1s\"\n"
      "connections-max = 12\n");
  const Outcome o = parse({"--config", good, "--deadline", "9s"});
  CHECK_MESSAGE(!o.code, o.err);
  CHECK(o.flags.addr.port == 7001);
  CHECK(o.flags.tls.client_auth == ClientAuth::kOptional);
  CHECK(o.flags.connections_max == 12);
  CHECK(o.flags.deadline.count() == 9000);
  const std::string unknown = temporary_file("adress = \"127.0.0.1:7001\"\n");
  check_refused(parse({"--config", unknown}), "--config: 'adress' is not an option");
  const std::string bad = temporary_file("addr = \"nowhere\"\n");
  check_refused(parse({"--config", bad}), "'nowhere' is not an address");
  for (const auto& path : {good, unknown, bad}) ::unlink(path.c_str());
}

TEST_CASE("server flags: a wildcard needs an address that others can be told") {
  ServerFlags flags;
  CHECK(check(flags).ok());
  flags.addr = {"0.0.0.0", 9443};
  REQUIRE_FALSE(check(flags).ok());
  CHECK(check(flags).error().message.find("add --advertise HOST:PORT") != std::string::npos);
  flags.advertise = Address{"10.0.0.1", 9443};
  CHECK(check(flags).ok());
  flags.advertise = Address{"::", 9443};
  CHECK_FALSE(check(flags).ok());
  flags.advertise = Address{"10.0.0.1", 9443};
  flags.tls.key_file.clear();
  CHECK(check(flags).error().message.find("--key must name a file") == 0);
}

TEST_CASE("server flags: a password file that others can read is refused") {
  const std::string path = temporary_file("default:client:secret\n");
  ::chmod(path.c_str(), 0644);
  REQUIRE_FALSE(load_password_file(path).ok());
  CHECK(load_password_file(path).error().message ==
        "--password-file: " + path + " is open to other users (mode 0644); run: chmod 600 " + path);
  ::chmod(path.c_str(), 0600);
  const auto loaded = load_password_file(path);
  REQUIRE(loaded.ok());
  CHECK((*loaded)->has_passwords());
  ::unlink(path.c_str());
  CHECK(load_password_file(path).error().message == "--password-file: " + path + " does not exist");
  CHECK_FALSE((*load_password_file(""))->has_passwords());
}
