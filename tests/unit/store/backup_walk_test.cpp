// A backup sees every key once, as it was when it began, whatever happens meanwhile.
#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <string>

#include "dataserver/store/store.h"
#include "dataserver/store/strings.h"
#include "tests/unit/store/random.h"

namespace ringhold {
namespace {

struct Seen {
  std::string value;
  UnixMs deadline = kNoDeadline;
  bool operator==(const Seen&) const = default;
};
using Keys = std::map<std::string, Seen>;

Seen seen_of(const Entry& entry) {
  IntText scratch;
  return {std::string(entry.text(scratch)), entry.deadline()};
}

class Writer : public BackupObserver {
 public:
  void set_aside(const Entry& entry) override {
    ++aside;
    write(entry);
  }
  void on_flush() override {
    flushed = true;
    if (when_flushed) when_flushed();
  }
  void write(const Entry& entry) {
    CHECK_MESSAGE(!written.contains(std::string(entry.key())), "twice: ", entry.key());
    written.emplace(entry.key(), seen_of(entry));
  }
  Keys written;
  std::size_t aside = 0;
  bool flushed = false;
  std::function<void()> when_flushed;
};

class BackupWalkTest {
 public:
  explicit BackupWalkTest(std::uint64_t seed) : random_(seed), store_({.seed = seed}) {}

  void run() {
    for (int i = 0; i < 2000; ++i) change();
    for (int round = 0; round < 6; ++round) {
      Writer writer;
      const Keys expected = everything();
      store_.begin_backup(writer);
      const bool abandon = round == 2;
      while (store_.backup_slice(1 + random_.below(400),
                                 [&](const Entry& entry) { return visit(writer, entry); })) {
        for (std::uint64_t i = random_.below(60); i > 0; --i) change();
        if (abandon && random_.one_in(20)) break;
      }
      store_.end_backup();
      while (!store_.backup_cleared()) {
        store_.clear_backup_slice(100);
        change();
      }
      if (abandon) continue;
      CHECK(writer.written == expected);
      CHECK(writer.aside > 0);
    }
  }

 private:
  Walked visit(Writer& writer, const Entry& entry) {
    writer.write(entry);
    return random_.one_in(10) ? Walked::kEnough : Walked::kGoOn;
  }
  Keys everything() {
    Keys keys;
    store_.scan({}, 1000000, [&](const Entry& entry) { keys.emplace(entry.key(), seen_of(entry)); });
    return keys;
  }
  std::string key() {
    const std::string number = std::to_string(random_.below(3000));
    return random_.one_in(2) ? "key:" + number : "{tag}" + number;
  }
  void change() {
    const std::string text = key();
    const HashedKey key = store_.hash(text);
    Place place = store_.find(key, kNow, Use::kWrite);
    switch (random_.below(8)) {
      case 0:
        if (place) store_.erase(key, place);
        return;
      case 1:
        if (place) store_.set_deadline(key, place, random_.one_in(2) ? kNoDeadline : kNow + 1000000);
        return;
      case 2: {
        const std::string other = this->key();
        if (place && other != text) store_.rename(key, store_.hash(other), kNow);
        return;
      }
      case 3: {
        const std::string other = this->key();
        if (place && other != text) store_.copy(key, store_.hash(other), kNow);
        return;
      }
      case 4:
        strings::append(store_, text, "x", kNow);
        return;
      case 5:
        strings::increment(store_, text, 1, kNow);
        return;
      default:
        strings::set(store_, text, random_.text(random_.below(30)), {}, kNow);
        return;
    }
  }

  static constexpr UnixMs kNow = 1000;
  TestRandom random_;
  Store store_;
};

}  // namespace

TEST_CASE("backup walk: every key once, as it was, while all sorts of changes go on") {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) BackupWalkTest(seed).run();
}

TEST_CASE("backup walk: a flush is told, once the keys are gone") {
  Store store({});
  strings::set(store, "key", "value", {}, 1);
  Writer writer;
  std::uint64_t changes = 0;
  writer.when_flushed = [&] {
    CHECK(store.size() == 0);
    changes = store.changes();
  };
  store.begin_backup(writer);
  store.flush();
  CHECK(writer.flushed);
  CHECK(writer.aside == 0);
  CHECK(changes == store.changes());
  store.end_backup();
}

TEST_CASE("backup walk: changes are counted, reads are not") {
  Store store({});
  const std::uint64_t before = store.changes();
  IntText scratch;
  strings::get(store, "key", 1, scratch);
  CHECK(store.changes() == before);
  strings::set(store, "key", "value", {}, 1);
  CHECK(store.changes() == before + 1);
  strings::set(store, "key", "value2", {}, 1);
  CHECK(store.changes() == before + 2);
}

}  // namespace ringhold
