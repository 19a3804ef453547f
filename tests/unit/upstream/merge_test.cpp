#include "cluster/upstream/merge.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace ringhold {
namespace {

std::string merged(Gather how, const std::vector<GatherPart>& parts) {
  ByteBuffer out;
  merge_replies(how, parts, RespVersion::k2, out);
  return std::string(out.view());
}

TEST_CASE("merge: elements return to the order of the keys") {
  CHECK(merged(Gather::kInOrder,
               {{{0, 3}, "*2\r\n$1\r\na\r\n$1\r\nd\r\n"}, {{1, 2}, "*2\r\n$-1\r\n$1\r\nc\r\n"}}) ==
        "*4\r\n$1\r\na\r\n$-1\r\n$1\r\nc\r\n$1\r\nd\r\n");
}

TEST_CASE("merge: sums, also with zero and large numbers") {
  CHECK(merged(Gather::kSum, {{{}, ":0\r\n"}, {{}, ":7000000000\r\n"}, {{}, ":1\r\n"}}) == ":7000000001\r\n");
}

TEST_CASE("merge: the first error is the reply") {
  CHECK(merged(Gather::kSum, {{{}, ":1\r\n"}, {{}, "-A x\r\n"}, {{}, "-B y\r\n"}}) == "-A x\r\n");
  CHECK(merged(Gather::kAllOk, {{{}, "+OK\r\n"}, {{}, "-CLUSTERDOWN shard 'b'\r\n"}}) ==
        "-CLUSTERDOWN shard 'b'\r\n");
}

TEST_CASE("merge: all say OK") {
  CHECK(merged(Gather::kAllOk, {{{}, "+OK\r\n"}, {{}, "+OK\r\n"}}) == "+OK\r\n");
}

TEST_CASE("merge: KEYS concatenates, empty shards too") {
  CHECK(merged(Gather::kConcat, {{{}, "*1\r\n$1\r\na\r\n"}, {{}, "*0\r\n"}, {{}, "*1\r\n$1\r\nb\r\n"}}) ==
        "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
}

TEST_CASE("merge: a scan page ends where the slowest shard ended, and leaves the rest for the next page") {
  const std::string slow = "*2\r\n$3\r\n100\r\n*2\r\n$1\r\na\r\n:90\r\n";
  const std::string fast = "*2\r\n$3\r\n500\r\n*4\r\n$1\r\nb\r\n:95\r\n$1\r\nc\r\n:300\r\n";
  const std::string through = "*2\r\n$1\r\n0\r\n*2\r\n$1\r\nd\r\n:99\r\n";
  CHECK(merged(Gather::kScan, {{{}, slow}, {{}, fast}, {{}, through}}) ==
        "*2\r\n$3\r\n100\r\n*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nd\r\n");
}

TEST_CASE("merge: a scan is over when every shard is through") {
  const std::string through = "*2\r\n$1\r\n0\r\n*2\r\n$1\r\nd\r\n:99\r\n";
  CHECK(merged(Gather::kScan, {{{}, through}, {{}, "*2\r\n$1\r\n0\r\n*0\r\n"}}) ==
        "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nd\r\n");
}

TEST_CASE("merge: RANDOMKEY goes by the shards' sizes, and past shards whose keys have expired") {
  const auto chosen = [](const std::vector<GatherPart>& parts, std::uint64_t random) {
    ByteBuffer out;
    choose_key(parts, random, RespVersion::k2, out);
    return std::string(out.view());
  };
  const std::string one = "*2\r\n$1\r\na\r\n:1\r\n";
  const std::string two = "*2\r\n$1\r\nb\r\n:2\r\n";
  const std::string expired = "*2\r\n$-1\r\n:5\r\n";
  const std::vector<GatherPart> parts = {{{}, expired}, {{}, one}, {{}, two}};
  CHECK(chosen(parts, 0) == "$1\r\na\r\n");
  CHECK(chosen(parts, 1) == "$1\r\nb\r\n");
  CHECK(chosen(parts, 5) == "$1\r\nb\r\n");
  CHECK(chosen(parts, 6) == "$1\r\na\r\n");
  CHECK(chosen({{{}, expired}, {{}, "*2\r\n_\r\n:0\r\n"}}, 7) == "$-1\r\n");
  CHECK(chosen({{{}, one}, {{}, "-A x\r\n"}}, 7) == "-A x\r\n");
  for (const std::string bad : {"", ":1\r\n", "*1\r\n$1\r\na\r\n", "*2\r\n$1\r\na\r\n:-1\r\n"}) {
    CAPTURE(bad);
    CHECK(chosen({{{}, one}, {{}, bad}}, 7).front() == '-');
  }
}

TEST_CASE("merge: nonsense from a shard is an error, not a crash") {
  CHECK(merged(Gather::kScan, {{{}, "*2\r\n$1\r\nx\r\n*0\r\n"}}).front() ==
        '-');  // a cursor that is no number
  CHECK(merged(Gather::kInOrder, {{{0, 1}, "*1\r\n$1\r\nx\r\n"}}).front() == '-');  // an element is missing
  for (const std::string bad : {"", ":", "+OK\r\n", "*1\r\n", "$3\r\nabc\r\n"}) {
    for (const Gather how : {Gather::kSum, Gather::kInOrder, Gather::kConcat, Gather::kScan}) {
      CAPTURE(bad);
      const std::string reply = merged(how, {{{0}, bad}, {{1}, bad}});
      CHECK(reply.front() == '-');
    }
  }
}

}  // namespace
}  // namespace ringhold
