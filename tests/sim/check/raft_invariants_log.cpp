// Logs: how a replica's entries join the tree of all entries, and what may stand where.
#include <fmt/format.h>

#include <algorithm>

#include "tests/sim/check/raft_invariants.h"
#include "tests/sim/check/raft_members.h"

namespace ringhold::sim {

void RaftInvariants::follow_log(Step& step) {
  std::vector<Id>& log = step.replica.log;
  const Id old_end = step.old_end;
  const std::uint64_t old_last = log.size() - 1;
  if (!rebase(step)) return;
  const std::uint64_t from = std::max(first_changed(step), step.now.first_index);
  if (from <= step.now.last_index || from < log.size()) {
    log.resize(from);
    for (std::uint64_t index = from; index <= step.now.last_index && ok(); ++index) {
      log.push_back(take(step, log.back(), step.log.entry_at(index)));
    }
  }
  if (!ok()) return;
  step.log_changed = step.log_changed || log.size() - 1 != old_last || log.back() != old_end;
  const bool kept = log.size() > old_last && log[old_last] == old_end;
  if (step.led && !kept) {
    fail(fmt::format(
        "leader append-only (3.2): replica {}, leader of term {}, no longer has {}; its log ends with {}",
        step.now.replica, step.now.vote.term, entries_.describe(old_end), entries_.describe(log.back())));
  }
}

// Where the log begins after a snapshot (5.1): either the replica had what the snapshot covers, or it was
// given it, and then it is what the group has committed. False if something is wrong.
bool RaftInvariants::rebase(Step& step) {
  std::vector<Id>& log = step.replica.log;
  const std::uint64_t base = step.now.first_index - 1;
  if (!step.new_life && step.now.first_index == step.before.first_index) return true;
  const bool had = base < log.size();
  const bool committed = base <= committed_index();
  if (committed && (!had || log[base] != committed_[base])) {
    log.assign(committed_.begin(), committed_.begin() + static_cast<std::ptrdiff_t>(base) + 1);
    step.log_changed = true;
  } else if (!committed && !had) {
    fail(fmt::format(
        "a snapshot of what nobody has committed (5.1): replica {} has one up to index {}; the group has "
        "committed up to index {}",
        step.now.replica, base, committed_index()));
    return false;
  }
  if (step.now.base_term != 0 && entries_[log[base]].term != step.now.base_term) {
    fail(fmt::format(
        "a snapshot of something else (5.1): that of replica {} ends at index {} of term {}, but the "
        "group's entry there is of term {}",
        step.now.replica, base, step.now.base_term, entries_[log[base]].term));
    return false;
  }
  return true;
}

// From its end, entries of the same term are taken to be the same; a new life is read in full.
std::uint64_t RaftInvariants::first_changed(const Step& step) const {
  const std::vector<Id>& log = step.replica.log;
  std::uint64_t next = std::min<std::uint64_t>(log.size(), step.now.last_index + 1);
  if (step.new_life) return step.now.first_index;
  if (step.now.changed_from != 0) return std::min(next, step.now.changed_from);
  while (next > step.now.first_index && entries_[log[next - 1]].term != step.log.term_at(next - 1)) --next;
  return next;
}

// 3.5, log matching: entries of the same index and term are the same, and so are all before them.
RaftInvariants::Id RaftInvariants::take(const Step& step, Id before, const EntryView& entry) {
  const std::uint64_t index = entries_[before].index + 1;
  const std::uint32_t here = step.now.replica;
  if (entry.term < entries_[before].term || entry.term > step.now.vote.term) {
    fail(fmt::format(
        "an entry of an impossible term (3.5): replica {}, in term {}, has index {} of term {} after {}",
        here, step.now.vote.term, index, entry.term, entries_.describe(before)));
    return RaftEntries::kRoot;
  }
  const Id id = entries_.find(index, entry.term);
  if (id == RaftEntries::kNone) {
    check_new_entry(step, before, entry);
    return entries_.add(before, entry, here);
  }
  const RaftEntries::Entry& known = entries_[id];
  if (known.hash != entry.hash) {
    fail(fmt::format(
        "log matching (3.2, 3.5): replicas {} and {} have different entries at index {} of term {}",
        known.first_on, here, index, entry.term));
  } else if (known.before != before) {
    fail(fmt::format(
        "log matching (3.2, 3.5): before index {} of term {}, replica {} had {}, replica {} has {}", index,
        entry.term, known.first_on, entries_.describe(known.before), here, entries_.describe(before)));
  }
  return id;
}

// 3.5: only its term's leader makes an entry.
void RaftInvariants::check_new_entry(const Step& step, Id before, const EntryView& entry) {
  const std::uint64_t index = entries_[before].index + 1;
  const auto leader = terms_.leader_of(entry.term);
  if (options_.entries_start_at_leaders && leader && *leader != step.now.replica) {
    fail(
        fmt::format("an entry that its leader never had (3.5): index {} of term {} on replica {}; replica {} "
                    "led that term",
                    index, entry.term, step.now.replica, *leader));
  }
  if (entry.members) check_new_members(step, before, *entry.members);
}

// 4.1: one voter at a time, and not before the configuration before is committed. The leader must also have
// committed an entry of its own term (D. Ongaro's correction of 2015, raft-dev, "bug in single-server
// membership changes"): else two leaders could each make a change that the other does not know.
void RaftInvariants::check_new_members(const Step& step, Id before, const Members& members) {
  const RaftEntries::Config& previous = entries_.config_of(before);
  const std::string where = fmt::format("index {} of term {} on replica {}", entries_[before].index + 1,
                                        step.now.vote.term, step.now.replica);
  const std::string complaint = complaint_about_change(previous.members, members);
  if (!complaint.empty()) fail(fmt::format("membership change (4.1): {} ({})", complaint, where));
  if (previous.members.voters.empty()) return;
  const std::uint64_t known = step.now.leader ? step.now.commit_index : committed_index();
  if (previous.index > known) {
    fail(fmt::format("a second membership change (4.1): {}, while that of index {} is not committed", where,
                     previous.index));
  }
  if (!step.now.leader) return;
  const Id last = step.replica.log[std::min<std::uint64_t>(known, entries_[before].index)];
  if (entries_[last].term != step.now.vote.term) {
    fail(fmt::format("a membership change too early (4.1): {}, whose leader has committed up to {} only",
                     where, entries_.describe(last)));
  }
}

void RaftInvariants::check_members(const Step& step) {
  if (!options_.members_follow_log) return;
  const Id end = step.replica.log.back();
  if (end == RaftEntries::kRoot && step.now.members == Members{}) return;  // nobody has told it yet
  const RaftEntries::Config& latest = entries_.config_of(end);
  if (latest.members == step.now.members) return;
  fail(fmt::format("not the latest configuration (4.1): replica {} goes by {}; its log says {} (index {})",
                   step.now.replica, describe(step.now.members), describe(latest.members), latest.index));
}

}  // namespace ringhold::sim
