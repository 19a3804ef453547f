#include "dataserver/backup/restore.h"

#include <fmt/core.h>

#include <ctime>
#include <map>
#include <utility>

#include "common/base/limits.h"
#include "dataserver/backup/value_items.h"

namespace ringhold {

namespace {

constexpr std::array<const char*, 5> kTypeNames = {"strings", "lists", "sets", "sorted sets", "hashes"};

std::size_t index_of(ValueType type) {
  return static_cast<std::size_t>(type);
}

// Goes through the chunks of one file.
class BackupReading {
 public:
  BackupReading(ChunkReader reader, const TakeRecord& take, const BackupProgress& progress)
      : reader_(std::move(reader)), take_(take), progress_(progress) {}

  Result<BackupSummary> run() {
    while (!finished_) {
      if (reader_.at_end()) {
        return Error{
            fmt::format("it ends at byte {} without its last chunk: it was cut off", reader_.offset())};
      }
      const std::uint64_t bytes_before = reader_.offset();
      Result<Chunk> chunk = reader_.next();
      if (!chunk) return chunk.error();
      if (const Result<void> good = handle(*chunk, bytes_before); !good) {
        return Error{fmt::format("at byte {} it is damaged: {}", chunk->offset, good.error().message)};
      }
      if (progress_) progress_(reader_.offset(), reader_.file_bytes());
    }
    if (!reader_.at_end()) {
      return Error{
          fmt::format("at byte {} it is damaged: there is something after its end", reader_.offset())};
    }
    summary_.chunks = reader_.chunks();
    summary_.bytes = reader_.file_bytes();
    return std::move(summary_);
  }

 private:
  // What read_key leaves of a value whose parts are still coming.
  struct Open {
    BackupKey about;
    std::string key;
  };

  Result<void> handle(const Chunk& chunk, std::uint64_t bytes_before) {
    if ((chunk.kind == ChunkKind::kHeader) != (reader_.chunks() == 1))
      return Error{"the header is not where it belongs"};
    switch (chunk.kind) {
      case ChunkKind::kHeader:
        return keep(decode_backup_header(chunk.body, reader_.version()), summary_.header);
      case ChunkKind::kEntries:
        return entries(chunk.body);
      case ChunkKind::kPart:
        return part(chunk.body);
      case ChunkKind::kFooter:
        return footer(chunk.body, bytes_before);
    }
    return Error{fmt::format("a chunk of the unknown kind {}", static_cast<int>(chunk.kind))};
  }

  template <typename Value>
  static Result<void> keep(Result<Value> decoded, Value& into) {
    if (!decoded) return decoded.error();
    into = std::move(*decoded);
    return {};
  }

  Result<void> entries(std::string_view body) {
    const auto records = decode_backup_entries(body);
    if (!records) return records.error();
    for (const BackupRecord& record : *records) {
      count(record, record.items.size(), /*new_key=*/true);
      if (Result<void> taken = take_(record, true, true); !taken) return taken;
    }
    return {};
  }

  Result<void> part(std::string_view body) {
    Result<BackupPart> decoded = decode_backup_part(body);
    if (!decoded) return decoded.error();
    BackupPart& part = *decoded;
    if (part.first == open_.contains(part.number)) return Error{"a part of a value is out of its order"};
    if (part.first) {
      open_.emplace(part.number, Open{part.record, part.record.key});
    } else {
      const Open& value = open_.at(part.number);
      static_cast<BackupKey&>(part.record) = value.about;
      part.record.key = value.key;
    }
    count(part.record, part.record.items.size(), part.first);
    if (part.last) open_.erase(part.number);
    return take_(part.record, part.first, part.last);
  }

  Result<void> footer(std::string_view body, std::uint64_t bytes_before) {
    const Result<BackupFooter> footer = decode_backup_footer(body);
    if (!footer) return footer.error();
    if (!open_.empty()) return Error{"parts of a value are missing"};
    if (footer->keys != summary_.keys || footer->chunks + 1 != reader_.chunks() ||
        footer->bytes != bytes_before) {
      return Error{"its totals are not those of what stands before them"};
    }
    finished_ = true;
    return {};
  }

  void count(const BackupRecord& record, std::size_t items, bool new_key) {
    const std::size_t type = index_of(record.type);
    const bool pairs = record.type == ValueType::kHash || record.type == ValueType::kZset;
    if (record.type != ValueType::kString) summary_.items_of[type] += pairs ? items / 2 : items;
    if (!new_key) return;
    if (record.type == ValueType::kString) ++summary_.items_of[type];
    ++summary_.keys;
    ++summary_.keys_of[type];
    if (record.deadline != kNoDeadline) ++summary_.deadlines;
  }

  ChunkReader reader_;
  const TakeRecord& take_;
  const BackupProgress& progress_;
  BackupSummary summary_;
  std::map<std::uint64_t, Open> open_;
  bool finished_ = false;
};

std::string utc(std::uint64_t ms) {
  const auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text.data();
}

}  // namespace

Result<BackupSummary> read_backup(std::unique_ptr<ReadableFile> file, const TakeRecord& take,
                                  const BackupProgress& progress) {
  Result<ChunkReader> reader = ChunkReader::open(std::move(file));
  if (!reader) return reader.error();
  return BackupReading(std::move(*reader), take, progress).run();
}

namespace {

// Puts records into a store; `keep` false: takes every value out again once it is whole, to see that it can
// be made.
class Restorer {
 public:
  // Values that were good when they were written are good now, whatever --value-bytes-max says.
  Restorer(Store& store, UnixMs now, bool keep)
      : store_(store), now_(now), keep_(keep), value_bytes_max_(store.options().value_bytes_max) {
    store_.set_value_bytes_max(limits::kStringBytesMax);
  }
  ~Restorer() { store_.set_value_bytes_max(value_bytes_max_); }
  Restorer(const Restorer&) = delete;
  Restorer& operator=(const Restorer&) = delete;

  Result<void> take(const BackupRecord& record, bool first, bool last) {
    if (keep_ && record.deadline != kNoDeadline && record.deadline <= now_) {
      expired_ += last ? 1 : 0;
      return {};
    }
    const HashedKey key = store_.hash(record.key);
    if (first && store_.find(key, now_, Use::kWrite)) return Error{"a key stands in it twice"};
    if (Result<void> added = add_items(store_, record.type, record.key, record.items, now_); !added)
      return added;
    if (!last) return {};
    Place place = store_.find(key, now_, Use::kWrite);
    if (!place) return Error{"a list, set, sorted set or hash without content"};
    if (!keep_) {
      // Its name stays, so that a key that comes twice is found.
      store_.set_string(key, place, StringValue::raw(""), kNoDeadline, now_);
      while (store_.free_slice(limits::kFreeSliceEntries)) {
      }
      return {};
    }
    if (record.deadline != kNoDeadline) store_.set_deadline(key, place, record.deadline);
    place.entry->touch(now_ - std::int64_t{record.idle_s} * 1000);
    return {};
  }
  std::uint64_t expired() const { return expired_; }

 private:
  Store& store_;
  UnixMs now_;
  bool keep_;
  std::uint64_t value_bytes_max_;
  std::uint64_t expired_ = 0;
};

Result<BackupSummary> read_into(Disk& disk, const std::string& path, Restorer restorer,
                                const BackupProgress& progress) {
  Result<std::unique_ptr<ReadableFile>> file = disk.open_file(path);
  if (!file) return file.error();
  const TakeRecord take = [&restorer](const BackupRecord& record, bool first, bool last) {
    return restorer.take(record, first, last);
  };
  Result<BackupSummary> summary = read_backup(std::move(*file), take, progress);
  if (summary) {
    summary->expired = restorer.expired();
    return summary;
  }
  return Error{fmt::format(
      "the backup {} cannot be used: {}; to go on, put a good backup in its place ({}.previous is "
      "the one before), or move it away to start empty",
      path, summary.error().message, path)};
}

}  // namespace

Result<BackupHeader> read_backup_header(Disk& disk, const std::string& path) {
  Result<std::unique_ptr<ReadableFile>> file = disk.open_file(path);
  if (!file) return file.error();
  const auto complain = [&path](const std::string& why) {
    return Error{fmt::format("the backup {} cannot be used: {}", path, why)};
  };
  Result<ChunkReader> reader = ChunkReader::open(std::move(*file));
  if (!reader) return complain(reader.error().message);
  if (reader->at_end()) return complain("it has no header");
  const Result<Chunk> chunk = reader->next();
  if (!chunk) return complain(chunk.error().message);
  if (chunk->kind != ChunkKind::kHeader) return complain("the header is not where it belongs");
  Result<BackupHeader> header = decode_backup_header(chunk->body, reader->version());
  if (!header) return complain(header.error().message);
  return header;
}

Result<BackupSummary> restore_backup(Disk& disk, const std::string& path, Store& store, UnixMs now,
                                     const BackupProgress& progress) {
  return read_into(disk, path, {store, now, /*keep=*/true}, progress);
}

Result<BackupSummary> check_backup(Disk& disk, const std::string& path, const BackupProgress& progress) {
  Store store({});
  return read_into(disk, path, {store, 0, /*keep=*/false}, progress);
}

std::string describe_backup(const std::string& path, const BackupSummary& summary) {
  const BackupHeader& header = summary.header;
  std::string text = fmt::format("{}: a sound backup\n", path);
  text += fmt::format("  made        {} by {}\n", utc(header.created_ms), header.software);
  text += fmt::format("  shard       {}\n", header.shard.empty() ? "(stand-alone)" : header.shard);
  if (header.cluster != Id128{}) text += fmt::format("  cluster     {}\n", header.cluster.hex());
  text += fmt::format("  size        {} bytes in {} chunks\n", summary.bytes, summary.chunks);
  text += fmt::format("  keys        {}, {} of them with an expiry\n", summary.keys, summary.deadlines);
  for (std::size_t type = 0; type < kTypeNames.size(); ++type) {
    if (summary.keys_of[type] == 0) continue;
    text += fmt::format("  {:<11} {}", kTypeNames[type], summary.keys_of[type]);
    if (type != index_of(ValueType::kString)) text += fmt::format(" with {} items", summary.items_of[type]);
    text += '\n';
  }
  return text;
}

}  // namespace ringhold
