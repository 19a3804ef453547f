// Sectors and records, byte by byte.
#include <doctest/doctest.h>

#include "cluster/raft_io/file_names.h"
#include "cluster/raft_io/record.h"
#include "cluster/raft_io/sector.h"
#include "cluster/raft_io/vote_file.h"
#include "tests/unit/raft_io/store_fixture.h"

using namespace ringhold;
using namespace ringhold::raft_io;

namespace {

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return out;
}

SegmentHeader some_header() {
  return {id_of(2), {id_of(3)}, {{7}, {2}}, {5}, 12, 0x0102030405060708ULL, snapshot_at(7, 2)};
}

std::string some_records() {
  std::string out;
  append_header(out, some_header());
  append_entry(out, entry_of(8, 3, "payload"));
  append_commit(out, {300});
  append_entry(out, {{{9}, {3}}, raft::EntryKind::kNothing, nullptr});
  append_entry(out, {{{10}, {3}},
                     raft::EntryKind::kMembership,
                     raft::make_payload(raft::encode(snapshot_at(1, 1).members))});
  append_entry(out, entry_of(11, 4, std::string(700, 'x')));
  return out;
}

}  // namespace

TEST_CASE("records: their bytes") {
  std::string out;
  append_entry(out, entry_of(300, 2, "ab"));
  CHECK(hex(out) ==
        "07"
        "01"
        "ac02"
        "02"
        "01"
        "6162");
  out.clear();
  append_commit(out, {127});
  CHECK(hex(out) ==
        "02"
        "02"
        "7f");
  out.clear();
  append_header(out, {id_of(1), {id_of(2)}, {{7}, {2}}, {5}, 12, 0x0102030405060708ULL, {}});
  CHECK(hex(out) ==
        "2f"
        "03"
        "01"
        "01010101010101010101010101010101"
        "02020202020202020202020202020202"
        "07"
        "02"
        "05"
        "0c"
        "0807060504030201"
        "00");
}

TEST_CASE("records: come out as they went in, however the stream is cut into pieces") {
  const std::string bytes = some_records();
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    RecordParser parser;
    std::string again;
    std::size_t records = 0;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      parser.feed(std::string_view(bytes).substr(at, piece));
      while (true) {
        const auto found = parser.next();
        REQUIRE(found.ok());
        if (!found->has_value()) break;
        ++records;
        CHECK((*found)->length == parser.last_bytes().size());
        const Record& record = (*found)->record;
        if (const auto* header = std::get_if<SegmentHeader>(&record)) {
          CHECK(*header == some_header());
          append_header(again, *header);
        } else if (const auto* entry = std::get_if<raft::Entry>(&record)) {
          append_entry(again, *entry);
        } else {
          append_commit(again, std::get<CommitRecord>(record).index);
        }
      }
    }
    CHECK(records == 6);
    CHECK(parser.left() == 0);
    CHECK(again == bytes);
  }
}

TEST_CASE("records: what makes no sense is refused") {
  const auto refused = [](std::string body) { return !decode_record(body).ok(); };
  using namespace std::string_literals;
  CHECK(refused(""));
  CHECK(refused("\x09"));
  CHECK(refused("\x01"));
  CHECK(refused("\x01\x00\x01\x01"s));        // index 0
  CHECK(refused("\x01\x01\x01\x03"));         // an unknown kind
  CHECK(refused("\x01\x01\x01\x02garbage"));  // no membership
  CHECK(refused("\x02"));
  CHECK(refused("\x02\x01\x01"));
  CHECK(refused("\x03\x02"));
  std::string header;
  append_header(header, some_header());
  const std::string body = header.substr(1);  // behind its length
  CHECK(decode_record(body).ok());
  for (std::size_t length = 0; length < body.size(); ++length) CHECK(refused(body.substr(0, length)));
  RecordParser parser;
  parser.feed("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
  CHECK_FALSE(parser.next().ok());
  parser.clear();
  parser.feed(std::string(1, '\0'));
  CHECK_FALSE(parser.next().ok());
}

TEST_CASE("sectors: a write in its place") {
  const std::string records = some_records();
  WritePlace place{7, 10, 10, 99};
  const std::string bytes = pack_write(records, place);
  CHECK(bytes.size() == sectors_for(records.size()) * kSectorBytes);
  CHECK(bytes.size() == 2 * kSectorBytes);
  CHECK(place.sector == 12);
  const auto first = read_sector(bytes.substr(0, kSectorBytes), 7, 10);
  const auto second = read_sector(bytes.substr(kSectorBytes), 7, 11);
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK(first->before == 99);
  CHECK(second->before == first->checksum);
  CHECK(place.checksum == second->checksum);
  CHECK(first->synced == 10);
  CHECK(first->used == kSectorRoomBytes);
  CHECK(first->first_of_write);
  CHECK_FALSE(first->last_of_write);
  CHECK(second->last_of_write);
  CHECK(std::string(used_part(bytes.substr(0, kSectorBytes), *first)) +
            std::string(used_part(bytes.substr(kSectorBytes), *second)) ==
        records);
  // In another place they are not valid.
  CHECK_FALSE(read_sector(bytes.substr(0, kSectorBytes), 7, 11));
  CHECK_FALSE(read_sector(bytes.substr(0, kSectorBytes), 8, 10));
  CHECK_FALSE(read_sector(std::string(kSectorBytes, '\0'), 7, 10));
  CHECK(is_blank(std::string(kSectorBytes, '\0')));
  CHECK_FALSE(is_blank(std::string(kSectorBytes - 1, '\0') + "\x01"));
}

TEST_CASE("vote file: of two copies the newer counts, and one is enough") {
  const auto file = [](const std::string& first, const std::string& second) {
    std::string bytes = first;
    bytes.resize(4096);
    bytes += second;
    bytes.resize(kVoteFileBytes);
    return bytes;
  };
  const VoteCopy old{6, {{3}, {}}, 0x0B0A};
  const VoteCopy young{7, {{4}, raft::ReplicaId{id_of(5)}}, 0x0B0A};
  CHECK(decode_vote_file(file(encode(young), encode(old)))->vote == young.vote);
  CHECK(decode_vote_file(file(encode(old), encode(young)))->vote == young.vote);
  CHECK(decode_vote_file(file("", encode(old)))->vote == old.vote);
  CHECK(decode_vote_file(file(encode(young), ""))->vote == young.vote);
  CHECK(decode_vote_file(file(encode(young), ""))->sequence == 7);
  CHECK_FALSE(decode_vote_file(file("", "")).ok());
  CHECK_FALSE(decode_vote_file(encode(young)).ok());
  CHECK(encode(young).size() == kSectorBytes);
  CHECK(hex(encode(young)).substr(0, 88) ==
        "5248564f5445303107000000000000000400000000000000050505050505050505050505050505050a0b0000");
}

TEST_CASE("names of segments") {
  CHECK(segment_path("d", 7) == "d/log-0000000007.wal");
  CHECK(segment_number("log-0000000007.wal") == 7);
  CHECK(segment_number("log-4294967295.wal") == 4294967295U);
  for (const char* other : {"log-4294967296.wal", "log-0000000000.wal", "log-7.wal", "spare.wal",
                            "log-000000000x.wal", "log-0000000007.wal.new", ""}) {
    CHECK_FALSE(segment_number(other).has_value());
  }
}
