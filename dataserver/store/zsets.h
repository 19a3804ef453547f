// What the commands that change a sorted set mean, without their arguments and replies (those:
// dataserver/commands). Reading is ZsetView's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.h"
#include "dataserver/store/store.h"
#include "dataserver/store/zset_view.h"

namespace ringhold::zsets {

struct AddOptions {
  bool only_new = false;
  bool only_existing = false;
  bool only_greater = false;  // an existing member's score may only rise
  bool only_less = false;
  bool increment = false;  // the score is added to the member's, 0 if it is absent
};

enum class AddOutcome : std::uint8_t {
  kAdded,
  kUpdated,
  kUnchanged,   // it had this score
  kSkipped,     // an option forbade it
  kNotANumber,  // infinity plus its opposite; nothing was changed
};
struct AddResult {
  AddOutcome outcome;
  double score = 0;  // the member's new one; none if it was skipped
};

// A key to be changed, which holds a sorted set or nothing. The store must not be changed but through it
// while it lives. Content changes its form where it outgrows EncodingLimits; a set without members is erased.
class Zset {
 public:
  Zset(Store& store, std::string_view key, UnixMs now)
      : store_(store), key_(store.hash(key)), place_(store.find(key_, now, Use::kWrite)), now_(now) {}

  bool exists() const { return static_cast<bool>(place_); }
  bool is_wrong_type() const { return place_ && place_.entry->type() != ValueType::kZset; }

  // Precondition of all below: !is_wrong_type().

  ZsetView view() const { return ZsetView(*place_.entry); }  // precondition: exists()
  AddResult add(std::string_view member, double score, const AddOptions& options = {});
  bool remove(std::string_view member);  // false if there is none
  // Precondition: exists(), and it has members of these ranks.
  void remove_ranks(const RankRange& range);

 private:
  SortedSet& large() { return *static_cast<SortedSet*>(place_.entry->collection()); }
  bool fits_packed(std::size_t members, std::string_view added) const;
  void insert(std::string_view member, double score);
  void insert_packed(std::string_view member, double score);
  void change_score(std::string_view member, double score);
  void remove_packed(std::size_t at, std::size_t end, std::size_t members);
  void unpack();
  void erase_key();

  Store& store_;
  HashedKey key_;
  Place place_;
  UnixMs now_;
};

struct Member {
  std::string name;
  double score;
};

// Puts a sorted set of these members, of which each occurs once, in the place of whatever the key holds; of
// none: the key is erased. Their order is changed.
void replace(Store& store, std::string_view key, std::vector<Member>& members, UnixMs now);

void sort_by_score(std::vector<Member>& members);

}  // namespace ringhold::zsets
