// Runs commands from the standard input through ringhold::Client, one a line, and says what became of each in
// a line:
//   ok TEXT | none | failed KIND MESSAGE         where TEXT is the number of connections made so far after
//   "connections"
// A line that begins with ! sets the call's time-out in milliseconds.
#include <ringhold/client.h>

#include <chrono>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace {

const char* name_of(ringhold::Failure::Kind kind) {
  using Kind = ringhold::Failure::Kind;
  switch (kind) {
    case Kind::kUsage:
      return "usage";
    case Kind::kNotConnected:
      return "not-connected";
    case Kind::kNoReply:
      return "no-reply";
    case Kind::kUnknownOutcome:
      return "unknown-outcome";
    case Kind::kErrorReply:
      return "error-reply";
    case Kind::kWrongType:
      return "wrong-type";
    case Kind::kTooLarge:
      return "too-large";
  }
  return "?";
}

void tell(const ringhold::Failure& failure) {
  std::cout << "failed " << name_of(failure.kind) << " " << failure.message << std::endl;
}

void run_line(ringhold::Client& client, const std::string& line) {
  std::istringstream words(line);
  std::vector<std::string> command;
  for (std::string word; words >> word;) command.push_back(word);
  if (command.front() == "connections") {
    std::cout << "ok " << client.connections() << std::endl;
    return;
  }
  const auto reply = client.call(command).as<std::optional<std::string>>();
  if (!reply) {
    tell(reply.failure());
  } else if (!*reply) {
    std::cout << "none" << std::endl;
  } else {
    std::cout << "ok " << **reply << std::endl;
  }
}

}  // namespace

// probe ADDRESS CA [CERT KEY]
int main(int argc, char** argv) {
  ringhold::ClientOptions options{.address = argv[1], .ca_file = argv[2]};
  if (argc > 4) {
    options.cert_file = argv[3];
    options.key_file = argv[4];
  }
  auto client = ringhold::Client::connect(options);
  if (!client) {
    tell(client.failure());
    return 1;
  }
  std::cout << "ok connected" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    if (line.starts_with("!")) {
      client->set_call_timeout(std::chrono::milliseconds(std::stoi(line.substr(1))));
    } else {
      run_line(*client, line);
    }
  }
}
