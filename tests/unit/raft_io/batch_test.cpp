// What goes into one write, and where entries are found again.
#include "cluster/raft_io/batch.h"

#include "cluster/raft_io/log_index.h"
#include "tests/unit/raft_io/store_fixture.h"

using namespace ringhold;
using namespace ringhold::raft_io;

namespace {

std::string texts(const std::string& records) {
  RecordParser parser;
  parser.feed(records);
  std::string out;
  while (true) {
    const auto found = parser.next();
    if (!found.ok() || !found->has_value()) return out;
    if (const auto* entry = std::get_if<raft::Entry>(&(*found)->record)) out += text_of(*entry) + " ";
    if (const auto* commit = std::get_if<CommitRecord>(&(*found)->record))
      out += "commit:" + std::to_string(commit->index.value) + " ";
  }
}

}  // namespace

TEST_CASE("batch: requests that wait are one write, with one commit record") {
  std::deque<Request> queue;
  queue.emplace_back(raft::Persist{1, raft::Vote{{1}, {}}, {entry_of(1, 1, "a")}, {0}});
  queue.emplace_back(raft::Persist{2, {}, {entry_of(2, 1, "b"), entry_of(3, 1, "c")}, {1}});
  queue.emplace_back(raft::Persist{3, raft::Vote{{2}, {}}, {}, {2}});
  queue.emplace_back(ResetRequest{});
  queue.emplace_back(raft::Persist{4, {}, {entry_of(9, 1, "z")}, {2}});
  LogTail tail;
  const Batch batch = take_batch(queue, 100000, tail);
  CHECK(batch.number == 3);
  CHECK(batch.vote == raft::Vote{{2}, {}});
  CHECK(texts(batch.records) == "1:1:a 2:1:b 3:1:c commit:2 ");
  CHECK(batch.entries.size() == 3);
  CHECK(queue.size() == 2);
  CHECK(tail.last == raft::Position{{3}, {1}});
  CHECK(tail.commit.value == 2);
  CHECK(batch.before.last == raft::Position{});
}

TEST_CASE("batch: what is committed is never said to be beyond the log, and is no reason to write") {
  std::deque<Request> queue;
  LogTail tail;
  queue.emplace_back(raft::Persist{1, {}, {entry_of(1, 1, "a")}, {7}});
  CHECK(texts(take_batch(queue, 100000, tail).records) == "1:1:a commit:1 ");
  queue.emplace_back(raft::Persist{2, {}, {entry_of(2, 1, "b")}, {1}});
  CHECK(texts(take_batch(queue, 100000, tail).records) == "2:1:b ");
  queue.emplace_back(raft::Persist{3, {}, {}, {2}});
  CHECK(take_batch(queue, 100000, tail).records.empty());
  queue.emplace_back(raft::Persist{4, {}, {entry_of(3, 1, "c")}, {2}});
  CHECK(texts(take_batch(queue, 100000, tail).records) == "3:1:c commit:2 ");
}

TEST_CASE("batch: as much as fits, and one at least") {
  std::deque<Request> queue;
  for (std::uint64_t i = 1; i <= 4; ++i)
    queue.emplace_back(raft::Persist{i, {}, {entry_of(i, 1, std::string(1000, 'x'))}, {}});
  LogTail tail;
  CHECK(take_batch(queue, 10, tail).number == 1);
  const Batch two = take_batch(queue, 2200, tail);
  CHECK(two.number == 3);
  CHECK(two.records.size() <= 2200);
  CHECK(take_batch(queue, 2200, tail).number == 4);
}

TEST_CASE("log index: runs end where the next begins, and where the log was cut off") {
  LogIndexMap index;
  CHECK_FALSE(index.find({1}));
  for (std::uint64_t i = 1; i <= 100; ++i) index.add({i}, 1, 50 + i * 1000);
  CHECK(index.marks() == 2);
  CHECK(index.find({1})->from == Mark{{1}, 1, 1050});
  CHECK(index.find({66})->last.value == 66);
  CHECK(index.find({66})->end == 67050);
  CHECK(index.find({67})->from.index.value == 67);
  CHECK(index.find({100})->last.value == 100);
  CHECK_FALSE(index.find({100})->end.has_value());
  CHECK_FALSE(index.find({101}));
  index.add({101}, 2, 100);
  CHECK(index.find({100})->last.value == 100);
  CHECK(index.find({101})->from.segment == 2);
  index.add({90}, 2, 300);
  CHECK(index.last().value == 90);
  CHECK(index.find({89})->last.value == 89);
  CHECK(index.find({90})->from == Mark{{90}, 2, 300});
  CHECK_FALSE(index.find({91}));
  index.forget_before(2);
  CHECK_FALSE(index.find({89}));
  CHECK(index.find({90}));
}
