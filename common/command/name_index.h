// From a command's name to its row: an open-addressing hash table, built by the compiler.
//
// Names are at most 23 bytes, so a name in lower case and its length fit into three machine words: hashing
// and comparing work on words, case folding happens on the way in, and nothing is allocated. Subcommands live
// in the same table, under their own name and their container's row.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "common/command/command_table.h"

namespace ringhold {

inline constexpr std::uint16_t kNoRow = 0xFFFF;

// A name in lower case, padded with zero bytes, its length in the last byte. All zero: no name of a command
// (empty, or too long).
struct PackedName {
  std::array<std::uint64_t, 3> words{};

  static constexpr std::size_t kBytesMax = 23;

  static constexpr PackedName pack(std::string_view name) {
    PackedName packed;
    if (name.size() > kBytesMax) return packed;
    for (std::size_t i = 0; i < name.size(); ++i) {
      const auto byte = static_cast<unsigned char>(name[i]);
      // A byte is folded if it is an upper-case letter; unsigned wrap-around makes it one comparison.
      const std::uint64_t lower = byte + (static_cast<unsigned char>(byte - 'A') < 26U ? 32U : 0U);
      packed.words[i / 8] |= lower << (8U * (i % 8));
    }
    packed.words[2] |= std::uint64_t{name.size()} << 56U;
    return packed;
  }
  constexpr bool operator==(const PackedName&) const = default;
};

class NameIndex {
 public:
  struct Entry {
    PackedName name;
    std::uint16_t parent = kNoRow;     // the row of the container, or kNoRow
    std::uint16_t row = kNoRow;        // the full command; or a short form, where it has a name of its own
    std::uint16_t short_row = kNoRow;  // a short form of the same name
    bool container = false;
  };

  constexpr explicit NameIndex(std::span<const CommandRow> rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) add(rows, static_cast<std::uint16_t>(i));
  }

  // Null if there is no such name.
  constexpr const Entry* find(std::string_view name, std::uint16_t parent) const {
    const PackedName packed = PackedName::pack(name);
    for (std::size_t i = home(packed, parent);; i = (i + 1) % kBuckets) {
      const std::uint16_t at = buckets_[i];
      if (at == kNoRow) return nullptr;
      const Entry& entry = entries_[at];
      if (entry.name == packed && entry.parent == parent) return &entry;
    }
  }

  // The longest way that any name's search goes; a test watches it.
  constexpr std::size_t longest_probe() const { return longest_probe_; }

 private:
  // Four times the number of names keeps the ways short; a power of two.
  static constexpr std::size_t kBucketBits = 11;
  static constexpr std::size_t kBuckets = std::size_t{1} << kBucketBits;
  static_assert(kCommandCount * 4 <= kBuckets, "the command table has grown: enlarge its index");

  static constexpr std::size_t home(const PackedName& name, std::uint16_t parent) {
    // Odd constants with well mixed bits; the upper bits of the product depend on all bits of the name.
    std::uint64_t hash = name.words[0] * 0x9E3779B97F4A7C15U;
    hash ^= (name.words[1] ^ (name.words[2] >> 7U)) * 0xC2B2AE3D27D4EB4FU;
    hash ^= parent * std::uint64_t{0x165667B19E3779F9U};
    hash *= 0x9FB21C651E98DF25U;
    return static_cast<std::size_t>(hash >> (64U - kBucketBits));
  }

  constexpr void add(std::span<const CommandRow> rows, std::uint16_t row) {
    std::string_view name = rows[row].name;
    std::uint16_t parent = kNoRow;
    if (const std::size_t bar = name.find('|'); bar != std::string_view::npos) {
      Entry& container = at(name.substr(0, bar), kNoRow);
      container.container = true;
      parent = container.row;
      name.remove_prefix(bar + 1);
    }
    Entry& entry = at(name, parent);
    (entry.row == kNoRow ? entry.row : entry.short_row) = row;
  }

  // The entry of a name, made if it is new. Full commands come before short forms of the same name.
  constexpr Entry& at(std::string_view name, std::uint16_t parent) {
    const PackedName packed = PackedName::pack(name);
    std::size_t probe = 1;
    std::size_t i = home(packed, parent);
    for (; buckets_[i] != kNoRow; i = (i + 1) % kBuckets, ++probe) {
      Entry& entry = entries_[buckets_[i]];
      if (entry.name == packed && entry.parent == parent) return entry;
    }
    if (probe > longest_probe_) longest_probe_ = probe;
    buckets_[i] = static_cast<std::uint16_t>(count_);
    Entry& entry = entries_[count_++];
    entry.name = packed;
    entry.parent = parent;
    return entry;
  }

  static constexpr std::array<std::uint16_t, kBuckets> empty_buckets() {
    std::array<std::uint16_t, kBuckets> buckets{};
    for (std::uint16_t& bucket : buckets) bucket = kNoRow;
    return buckets;
  }

  std::array<std::uint16_t, kBuckets> buckets_ = empty_buckets();
  std::array<Entry, kCommandCount> entries_{};
  std::size_t count_ = 0;
  std::size_t longest_probe_ = 0;
};

}  // namespace ringhold
