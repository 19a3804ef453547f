// Files that are not as they were written: refused by name, or harmless, and never another log.
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cluster/raft_io/log_recovery.h"
#include "tests/unit/raft_io/store_fixture.h"

using namespace ringhold;
using namespace ringhold::raft_io;

namespace {

using Texts = std::vector<std::string>;
using Files = std::map<std::string, std::string>;

const raft::Vote kVote{{4}, raft::ReplicaId{id_of(3)}};

// A log of two finished segments and one that is being written, whose last write has three sectors; nothing
// is known to be committed.
struct Rested : Machine {
  explicit Rested(std::uint64_t seed = 1) : Machine(seed) {
    options.segment_bytes = 4096;
    REQUIRE(open() == "");
    persist({entry_of(1, 1, "one")}, 0, kVote);
    REQUIRE(wait_persisted());
    for (std::uint64_t i = 2; segments().size() < 3; ++i) {
      persist({entry_of(i, 1, std::string(500, static_cast<char>('a' + i)))});
      REQUIRE(wait_persisted());
      last = i;
    }
    persist({entry_of(last + 1, 2, std::string(300, 'y'))});
    REQUIRE(wait_persisted());
    persist({entry_of(last + 2, 2, "first"), entry_of(last + 3, 2, std::string(1000, 'z')),
             entry_of(last + 4, 2, "last")});
    REQUIRE(wait_persisted());
    last += 4;
    restart();
    const auto names = disk().list_directory(kDirectory);
    for (const auto& name : *names) files_at_rest[name] = read_at_rest(name);
    good = recover();
    REQUIRE(good.size() == last);
  }

  std::string read_at_rest(const std::string& name) { return content(path(name)); }

  // The entries, or nothing, and the error.
  Texts recover() {
    error.clear();
    VoteFile vote_file(disk(), kDirectory);
    const auto vote = vote_file.read();
    if (!vote.ok()) {
      error = vote.error().message;
      return {};
    }
    CHECK(vote->vote == kVote);
    identity.has_log = true;
    auto found = LogRecovery(disk(), kDirectory, identity, {}, [](const raft::Entry&) {}).run(*vote);
    if (!found.ok()) {
      error = found.error().message;
      return {};
    }
    Texts texts;
    for (raft::LogIndex at{1}; at <= found->log.last_index(); at = at.next())
      texts.push_back(text_of(found->log.at(at)));
    return texts;
  }
  void heal() {
    for (const auto& [name, bytes] : files_at_rest) write_file(name, bytes);
  }
  void zero(const std::string& name, std::size_t sector, std::size_t count = 1) {
    std::string bytes = read_at_rest(name);
    bytes.replace(sector * kSectorBytes, count * kSectorBytes, count * kSectorBytes, '\0');
    write_file(name, bytes);
  }
  std::size_t used_sectors(const std::string& name) {
    const std::string bytes = read_at_rest(name);
    std::size_t sectors = bytes.size() / kSectorBytes;
    while (is_blank(bytes.substr((sectors - 1) * kSectorBytes, kSectorBytes))) --sectors;
    return sectors;
  }

  Files files_at_rest;
  Texts good;
  std::uint64_t last = 0;
};

bool names_file_and_way_out(const Rested& w, const std::string& name) {
  return w.error.find(w.path(name)) == 0 && w.error.find("MEMBER ADD") != std::string::npos;
}

}  // namespace

TEST_CASE("damage: every bit of the log") {
  Rested w;
  for (const std::string& name : w.segments()) {
    const std::string bytes = w.files_at_rest[name];
    int refused = 0;
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string flipped = bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      w.write_file(name, flipped);
      const Texts found = w.recover();
      if (!w.error.empty()) {
        ++refused;
        const std::string where = "at byte " + std::to_string(bit / 8 / kSectorBytes * kSectorBytes);
        REQUIRE_MESSAGE(names_file_and_way_out(w, name), w.error);
        REQUIRE_MESSAGE((bit / 8 < kSectorBytes || w.error.find(where) != std::string::npos), w.error);
      } else {
        REQUIRE(found == w.good);
      }
    }
    // Nothing of what is used can change unseen, nor what was not used yet.
    CHECK(refused == static_cast<int>(bytes.size() * 8));
    w.write_file(name, bytes);
  }
}

TEST_CASE("damage: every bit of the vote and of the identity") {
  Rested w;
  const std::string vote = w.files_at_rest["vote"];
  for (std::size_t bit = 0; bit < vote.size() * 8; ++bit) {
    std::string flipped = vote;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    w.write_file("vote", flipped);
    REQUIRE(w.recover() == w.good);  // the other copy is good
    // Now that one too.
    const std::size_t other = (bit / 8 + 4096) % 8192;
    flipped[other] = static_cast<char>(flipped[other] ^ 1);
    const bool both_hit = bit / 8 % 4096 < kSectorBytes;
    if (bit % 64 != 0) continue;
    w.write_file("vote", flipped);
    const Texts found = w.recover();
    if (both_hit) REQUIRE(names_file_and_way_out(w, "vote"));
    if (!both_hit) REQUIRE(found == w.good);
  }
  w.write_file("vote", vote.substr(0, 8191));
  CHECK(w.recover().empty());
  CHECK(names_file_and_way_out(w, "vote"));

  const std::string identity = w.files_at_rest["identity"];
  for (std::size_t bit = 0; bit < identity.size() * 8; ++bit) {
    std::string flipped = identity;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    w.write_file("identity", flipped);
    const auto read = read_identity(w.disk(), Rested::kDirectory);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().message.find("data/raft/identity is damaged") == 0);
  }
  for (std::size_t length = 0; length < identity.size(); ++length) {
    CHECK_FALSE(decode_identity(std::string_view(identity).substr(0, length)).ok());
  }
  w.files().remove(w.path("identity"));
  const auto read = read_identity(w.disk(), Rested::kDirectory);
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().message.find("data/raft/identity is missing") == 0);
}

TEST_CASE("damage: zeros in the place of a sector that was synced") {
  Rested w;
  const auto names = w.segments();
  for (const std::string& name : names) {
    const bool is_last = name == names.back();
    const std::size_t synced = w.used_sectors(name) - (is_last ? 3 : 0);
    for (std::size_t sector = 0; sector < synced; ++sector) {
      w.zero(name, sector);
      CHECK(w.recover().empty());
      CHECK(names_file_and_way_out(w, name));
      CHECK(w.error.find("at byte " + std::to_string(sector * kSectorBytes) + ":") != std::string::npos);
      w.heal();
    }
  }
}

TEST_CASE("damage: any part of the last write may be missing, and nothing before it") {
  Rested w;
  const std::string name = w.segments().back();
  const std::size_t end = w.used_sectors(name);
  for (unsigned lost = 1; lost < 8; ++lost) {
    for (std::size_t i = 0; i < 3; ++i) {
      if ((lost >> i & 1U) != 0) w.zero(name, end - 3 + i);
    }
    Texts found = w.recover();
    CHECK(w.error == "");
    REQUIRE(found.size() >= w.last - 3);
    CHECK(found.size() < w.last);
    CHECK((lost & 1U) == (found.size() == w.last - 3 ? 1U : 0U));
    Texts front = w.good;
    front.resize(found.size());
    CHECK(found == front);
    w.heal();
  }
  // But not something else in the place of a part.
  std::string bytes = w.read_at_rest(name);
  bytes[(end - 2) * kSectorBytes + 100] ^= 1;
  w.write_file(name, bytes);
  CHECK(w.recover().empty());
  CHECK(names_file_and_way_out(w, name));
}

TEST_CASE("damage: segments that are missing, doubled, cut off, or another replica's") {
  Rested w;
  const auto names = w.segments();
  w.files().remove(w.path(names[1]));
  CHECK(w.recover().empty());
  CHECK(names_file_and_way_out(w, names[1]));
  CHECK(w.error.find("is missing") != std::string::npos);
  w.heal();

  w.files().remove(w.path(names[0]));
  CHECK(w.recover().empty());
  CHECK(w.error.find("a snapshot is missing") != std::string::npos);
  w.heal();

  w.files().remove(w.path(names.back()));
  CHECK(w.recover().empty());
  CHECK(names_file_and_way_out(w, names.back()));
  w.heal();

  w.write_file(names[1], w.files_at_rest[names[0]]);
  CHECK(w.recover().empty());
  CHECK(names_file_and_way_out(w, names[1]));
  w.heal();

  for (const std::size_t cut : {std::size_t{1}, kSectorBytes}) {
    const std::string& bytes = w.files_at_rest[names[0]];
    w.write_file(names[0], bytes.substr(0, bytes.size() - cut));
    CHECK(w.recover().empty());
    CHECK(names_file_and_way_out(w, names[0]));
    w.heal();
  }

  w.identity.replica = {id_of(77)};
  CHECK(w.recover().empty());
  CHECK(w.error.find("and this is replica 4d4d") != std::string::npos);
}

TEST_CASE("damage: a sector of an earlier life in the place of a newer one") {
  Rested w;
  const std::string name = w.segments().back();
  std::string bytes = w.read_at_rest(name);
  WritePlace place{3, 1, 1, 12345};
  std::string records;
  append_entry(records, entry_of(w.last, 2, "other"));
  const std::string sector = pack_write(records, place);
  bytes.replace(kSectorBytes, kSectorBytes, sector);
  w.write_file(name, bytes);
  CHECK(w.recover().empty());
  CHECK(w.error.find("does not follow the sector before it") != std::string::npos);
}

TEST_CASE("damage: a replica whose log or vote has gone does not start as a new one") {
  {
    Rested w;
    w.files().remove(w.path("vote"));
    const std::string error = w.open();
    CHECK(error.find("data/raft/vote is missing") == 0);
    CHECK(error.find("MEMBER ADD") != std::string::npos);
  }
  {
    Rested w;
    for (const auto& name : w.segments()) w.files().remove(w.path(name));
    const std::string error = w.open();
    CHECK(error.find("data/raft/log-*.wal is missing") == 0);
  }
  {
    Rested w;
    w.identity.has_log = false;
    w.save(w.identity);
    CHECK(w.open().find("though this replica has never had a log") != std::string::npos);
  }
}

TEST_CASE("damage: an old vote file beside a newer log") {
  Rested w;
  std::string copy = encode(VoteCopy{100, {{1}, {}}, 1});
  std::string bytes =
      copy + std::string(4096 - kSectorBytes, '\0') + copy + std::string(4096 - kSectorBytes, '\0');
  w.write_file("vote", bytes);
  CHECK(w.open().find("data/raft/vote is damaged at byte 0: it says term 1") == 0);
}

TEST_CASE("damage: what can be read no more while the replica runs is told") {
  Machine m(1);
  REQUIRE(m.open() == "");
  m.persist({entry_of(1, 1, "one"), entry_of(2, 1, "two")}, 0, raft::Vote{{1}, {}});
  REQUIRE(m.wait_persisted());
  const std::string name = m.segments()[0];
  std::string bytes = m.content(m.path(name));
  bytes[kSectorBytes + 30] ^= 1;
  m.write_file(name, bytes);
  CHECK(m.read(1).empty());
  CHECK(m.damage_text.find(m.path(name) + " is damaged at byte 512") == 0);
}
