// Replicas, entries and messages as the scripts of tests/golden/raft write them, and back.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/raft/core.h"

namespace ringhold::golden {

// Replicas and snapshots have small numbers in scripts: 1, 2, 3 and s1, s2, s3.
raft::ReplicaId replica(std::uint8_t number);
std::uint8_t number_of(raft::ReplicaId id);
Id128 snapshot_id(std::uint8_t number);

std::vector<std::string_view> words(std::string_view line);

// "4.2": index and term.
std::optional<raft::Position> parse_position(std::string_view text);
// "1.1 2.1" or "1.1..5.1 6.2", in order and without gaps; nothing if it is not that.
std::optional<std::vector<raft::Entry>> parse_entries(const std::vector<std::string_view>& texts);

std::string text_of(raft::Position position);
// "2.1..5.1" for four and more.
std::string text_of(const std::vector<raft::Entry>& entries);
// Voters, then learners: "1 2 3, learner 4".
std::string text_of(const raft::Membership& membership);
std::string text_of(const raft::Vote& vote);
// Without sender and receiver; the first word is the kind, by which scripts pick messages.
std::string text_of(const raft::MessageBody& body);
// "1->2 [3] append after 2.1: 3.3; commit 2", where 3 is the term.
std::string text_of(const raft::Message& message);
// The long ids in it become the numbers again.
std::string shorten(std::string text);

}  // namespace ringhold::golden
