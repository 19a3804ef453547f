// A visit counter: what a program that uses Ringhold looks like.
//
//   example HOST:PORT DIRECTORY      where DIRECTORY holds ca.crt, client.crt and client.key
//   (certs/make-certs)
#include <ringhold/client.h>

#include <cstdint>
#include <iostream>
#include <map>
#include <optional>
#include <string>

namespace {

int complain(const ringhold::Failure& failure) {
  std::cerr << "example: " << failure.message << "\n";
  return 1;
}

// A write. If the connection is lost meanwhile, it is not repeated: nobody knows whether it took effect.
std::optional<std::int64_t> count_visit(ringhold::Client& client, const std::string& page) {
  const auto visits = client.call("HINCRBY", "visits", page, 1).as<std::int64_t>();
  if (visits) return *visits;
  if (visits.failure().outcome_unknown())
    std::cerr << "the visit of " << page << " may have been counted or not\n";
  complain(visits.failure());
  return std::nullopt;
}

// Many commands, one round trip.
int fill(ringhold::Client& client) {
  ringhold::Pipeline pipeline;
  for (int number = 0; number < 1000; ++number) {
    pipeline.add("SET", "page:" + std::to_string(number), "text of page " + std::to_string(number), "EX",
                 600);
  }
  for (const auto& reply : client.run(pipeline)) {
    if (!reply) return complain(reply.failure());
  }
  std::cout << pipeline.size() << " pages written\n";
  return 0;
}

int show(ringhold::Client& client) {
  const auto page = client.call("GET", "page:7").as<std::optional<std::string>>();
  if (!page) return complain(page.failure());
  std::cout << "page 7: " << page->value_or("not there") << "\n";

  const auto visits = client.call("HGETALL", "visits").as<std::map<std::string, std::int64_t>>();
  if (!visits) return complain(visits.failure());
  for (const auto& [name, count] : *visits) std::cout << name << ": " << count << " visits\n";

  // What the server refuses is a failure, too.
  const auto refused = client.call("INCR", "visits");
  if (!refused) std::cout << "refused: " << refused.failure().code << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: example HOST:PORT DIRECTORY\n";
    return 2;
  }
  const std::string certificates = argv[2];
  auto client = ringhold::Client::connect({.address = argv[1],
                                           .ca_file = certificates + "/ca.crt",
                                           .cert_file = certificates + "/client.crt",
                                           .key_file = certificates + "/client.key"});
  if (!client) return complain(client.failure());

  for (const char* page : {"/", "/about", "/"}) {
    if (!count_visit(*client, page)) return 1;
  }
  const int filled = fill(*client);
  return filled != 0 ? filled : show(*client);
}
