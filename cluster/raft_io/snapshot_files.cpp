#include "cluster/raft_io/snapshot_files.h"

#include <fmt/core.h>
#include <xxhash.h>

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/log.h"
#include "common/wire/codec.h"

namespace ringhold::raft_io {

using raft::SnapshotMeta;

namespace {

constexpr std::string_view kPrefix = "snapshot-";
constexpr std::string_view kTaking = "taking.rh";
constexpr std::string_view kIncomingPrefix = "incoming-";
constexpr std::size_t kMetaBytesMax = 64 * 1024;
constexpr std::uint8_t kMetaVersion = 1;

// u8 version | the meta | u64 checksum of what is before it
std::string encode_meta(const SnapshotMeta& meta) {
  ByteBuffer out;
  WireWriter writer(out);
  writer.u8(kMetaVersion);
  write_snapshot_meta(writer, meta);
  const std::uint64_t checksum = XXH3_64bits(out.view().data(), out.view().size());
  writer.u64(checksum);
  return std::string(out.view());
}

std::optional<SnapshotMeta> decode_meta(std::string_view bytes) {
  if (bytes.size() < sizeof(std::uint64_t)) return std::nullopt;
  const std::string_view body = bytes.substr(0, bytes.size() - sizeof(std::uint64_t));
  WireReader end(bytes.substr(body.size()));
  if (end.u64() != XXH3_64bits(body.data(), body.size())) return std::nullopt;
  WireReader reader(body);
  SnapshotMeta meta;
  if (reader.u8() != kMetaVersion || !read_snapshot_meta(reader, meta) || !reader.done()) return std::nullopt;
  return meta;
}

bool has_ends(const std::string& name, std::string_view prefix, std::string_view suffix) {
  return name.size() > prefix.size() + suffix.size() && name.starts_with(prefix) && name.ends_with(suffix);
}

}  // namespace

SnapshotFiles::SnapshotFiles(const World& world, std::string directory, StateMachine& machine,
                             std::size_t chunk_bytes)
    : world_(world), directory_(std::move(directory)), machine_(machine), chunk_bytes_(chunk_bytes) {}

template <typename Callback>
auto SnapshotFiles::guarded(Callback callback) {
  return [life = std::weak_ptr(life_), callback = std::move(callback)](auto&&... arguments) {
    if (life.expired()) return;
    callback(std::forward<decltype(arguments)>(arguments)...);
  };
}

std::string SnapshotFiles::path_of(const SnapshotMeta& snapshot) const {
  return fmt::format("{}/{}{:020}-{}.rh", directory_, kPrefix, snapshot.position.index.value,
                     snapshot.id.hex());
}

std::string SnapshotFiles::incoming_path(const Id128& id, const char* suffix) const {
  return fmt::format("{}/{}{}.{}", directory_, kIncomingPrefix, id.hex(), suffix);
}

void SnapshotFiles::remove(const std::string& path) {
  world_.disk.remove_file(path, [path](const Result<void>& outcome) {
    // It only takes room, and the next start tries again.
    if (!outcome.ok()) log::debug("{}", outcome.error().message);
  });
}

// --- at the start ---

Result<SnapshotFiles::Found> SnapshotFiles::open() {
  const auto names = world_.disk.list_directory(directory_);
  if (!names.ok()) return names.error();
  if (auto fine = find_snapshots(*names); !fine.ok()) return fine.error();
  Found found;
  if (const SnapshotMeta* meta = newest()) {
    found.newest = *meta;
    const auto loaded = machine_.restore(path_of(*meta));
    if (!loaded.ok()) return loaded.error();
  }
  found.incoming = find_incoming(*names);
  remove_unneeded();
  return found;
}

// Of all that are there, the newest counts: it took its name when it was whole and durable.
Result<void> SnapshotFiles::find_snapshots(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const std::string path = directory_ + "/" + name;
    if (name.starts_with(kTaking)) remove(path);
    if (!has_ends(name, kPrefix, ".rh")) continue;
    auto meta = read_meta(path, false);
    if (!meta.ok()) return meta.error();
    add(*meta);
  }
  return {};
}

Result<SnapshotMeta> SnapshotFiles::read_meta(const std::string& path, bool all) {
  const auto about = machine_.inspect(path, all);
  if (!about.ok()) return about.error();
  auto meta = decode_meta(*about);
  if (!meta)
    return Error{fmt::format("{} is no snapshot of a replica: it does not say which entries it holds", path)};
  const auto file = world_.disk.open_file(path);
  if (!file.ok()) return file.error();
  meta->bytes = (*file)->size();
  return *meta;
}

// The last chunk may be torn, so it is fetched again.
std::optional<raft::Recovered::Incoming> SnapshotFiles::find_incoming(const std::vector<std::string>& names) {
  std::optional<raft::Recovered::Incoming> found;
  for (const std::string& name : names) {
    if (!has_ends(name, kIncomingPrefix, ".meta")) continue;
    const std::string path = directory_ + "/" + name;
    const auto bytes = world_.disk.read_file(path, kMetaBytesMax);
    const auto meta = bytes.ok() ? decode_meta(*bytes) : std::nullopt;
    const auto file = meta ? world_.disk.open_file(incoming_path(meta->id, "rh")) : Error{""};
    if (found || !file.ok()) {
      remove(path);
      continue;
    }
    const std::uint64_t size = std::min((*file)->size(), meta->bytes);
    found = {*meta, size > chunk_bytes_ ? size - chunk_bytes_ : 0};
    incoming_ = Incoming{*meta, nullptr};
  }
  for (const std::string& name : names) {
    const bool is_it = found && name.find(found->snapshot.id.hex()) != std::string::npos;
    if (has_ends(name, kIncomingPrefix, ".rh") && !is_it) remove(directory_ + "/" + name);
  }
  return found;
}

// --- of this replica's own ---

void SnapshotFiles::save(std::function<SnapshotMeta()> describe,
                         std::function<void(Result<SnapshotMeta>)> done) {
  INVARIANT(!saving_);
  saving_ = true;
  // The position is part of the name, and known when the moment has come; until then it has another.
  const std::string path = fmt::format("{}/{}", directory_, kTaking);
  const auto about = guarded_about(std::move(describe));
  machine_.save(path, about, guarded([this, path, done = std::move(done)](const Result<void>& outcome) {
                  if (!outcome.ok()) {
                    saving_ = false;
                    return done(outcome.error());
                  }
                  name_saved(path, done);
                }));
}

std::function<std::string()> SnapshotFiles::guarded_about(std::function<SnapshotMeta()> describe) {
  return [this, life = std::weak_ptr(life_), describe = std::move(describe)]() -> std::string {
    if (life.expired()) return {};
    saving_as_ = describe();
    return encode_meta(saving_as_);
  };
}

void SnapshotFiles::name_saved(const std::string& path,
                               const std::function<void(Result<SnapshotMeta>)>& done) {
  const auto file = world_.disk.open_file(path);
  if (!file.ok()) {
    saving_ = false;
    return done(file.error());
  }
  SnapshotMeta meta = saving_as_;
  meta.bytes = (*file)->size();
  world_.disk.rename_file(path, path_of(meta), guarded([this, meta, done](const Result<void>& outcome) {
                            saving_ = false;
                            if (!outcome.ok()) return done(outcome.error());
                            add(meta);
                            remove_unneeded();
                            done(meta);
                          }));
}

void SnapshotFiles::add(const SnapshotMeta& snapshot) {
  files_.push_back(snapshot);
  std::stable_sort(files_.begin(), files_.end(), [](const SnapshotMeta& a, const SnapshotMeta& b) {
    return a.position.index < b.position.index;
  });
}

void SnapshotFiles::remove_unneeded() {
  if (files_.empty()) return;
  std::erase_if(files_, [this, newest = files_.back().id](const SnapshotMeta& meta) {
    const bool is_pinned =
        std::any_of(pins_.begin(), pins_.end(), [&](const auto& pin) { return pin.second.id == meta.id; });
    if (is_pinned || meta.id == newest) return false;
    remove(path_of(meta));
    return true;
  });
}

void SnapshotFiles::unpin(raft::ReplicaId to) {
  if (pins_.erase(to) != 0) remove_unneeded();
}

std::optional<raft::LogIndex> SnapshotFiles::oldest_pinned() const {
  std::optional<raft::LogIndex> oldest;
  for (const auto& [to, meta] : pins_) {
    if (!oldest || meta.position.index < *oldest) oldest = meta.position.index;
  }
  return oldest;
}

void SnapshotFiles::read_chunk(const SnapshotMeta& snapshot, std::uint64_t offset, std::size_t bytes_max,
                               std::function<void(raft::Payload)> done) {
  world_.disk.read_range(path_of(snapshot), offset, bytes_max,
                         guarded([done = std::move(done)](Result<std::string> bytes) {
                           if (!bytes.ok()) log::warn("a snapshot cannot be sent: {}", bytes.error().message);
                           done(bytes.ok() ? raft::make_payload(std::move(*bytes)) : nullptr);
                         }));
}

// --- one that comes in ---

void SnapshotFiles::store_chunk(const raft::StoreChunk& chunk,
                                std::function<void(Result<std::uint64_t>)> done) {
  const bool is_known = incoming_ && incoming_->snapshot.id == chunk.snapshot.id;
  if (!is_known || chunk.offset == 0) return begin_incoming(chunk, std::move(done));
  if (incoming_->file == nullptr) return open_incoming(chunk, std::move(done));
  write_incoming(chunk, std::move(done));
}

void SnapshotFiles::begin_incoming(const raft::StoreChunk& chunk,
                                   std::function<void(Result<std::uint64_t>)> done) {
  // The same one again is written over.
  if (incoming_ && incoming_->snapshot.id != chunk.snapshot.id) drop_incoming();
  const std::string path = incoming_path(chunk.snapshot.id, "meta");
  const auto fail = [done](const Error& error) { done(error); };
  world_.disk.create_file(
      path, guarded([this, chunk, done, fail](Result<std::unique_ptr<WritableFile>> created) {
        if (!created.ok()) return fail(created.error());
        meta_file_ = std::move(*created);
        meta_file_->write_synced(0, encode_meta(chunk.snapshot),
                                 guarded([this, chunk, done, fail](const Result<void>& written) {
                                   meta_file_.reset();
                                   if (!written.ok()) return fail(written.error());
                                   create_incoming(chunk, done);
                                 }));
      }));
}

void SnapshotFiles::create_incoming(const raft::StoreChunk& chunk,
                                    const std::function<void(Result<std::uint64_t>)>& done) {
  world_.disk.create_file(incoming_path(chunk.snapshot.id, "rh"),
                          guarded([this, chunk, done](Result<std::unique_ptr<WritableFile>> created) {
                            if (!created.ok()) return done(created.error());
                            incoming_ = Incoming{chunk.snapshot, std::move(*created)};
                            world_.disk.sync_directory(
                                directory_, guarded([this, chunk, done](const Result<void>& synced) {
                                  if (!synced.ok()) return done(synced.error());
                                  write_incoming(chunk, done);
                                }));
                          }));
}

void SnapshotFiles::open_incoming(const raft::StoreChunk& chunk,
                                  std::function<void(Result<std::uint64_t>)> done) {
  world_.disk.open_for_update(
      incoming_path(chunk.snapshot.id, "rh"),
      guarded([this, chunk, done = std::move(done)](Result<std::unique_ptr<WritableFile>> opened) {
        if (!opened.ok()) return done(opened.error());
        incoming_->file = std::move(*opened);
        write_incoming(chunk, done);
      }));
}

void SnapshotFiles::write_incoming(const raft::StoreChunk& chunk,
                                   std::function<void(Result<std::uint64_t>)> done) {
  const std::uint64_t end = chunk.offset + chunk.data->size();
  incoming_->file->write_synced(chunk.offset, *chunk.data,
                                guarded([end, done = std::move(done)](const Result<void>& written) {
                                  if (!written.ok()) return done(written.error());
                                  done(end);
                                }));
}

void SnapshotFiles::drop_incoming() {
  const Id128 id = incoming_->snapshot.id;
  incoming_.reset();
  remove(incoming_path(id, "meta"));
  remove(incoming_path(id, "rh"));
}

void SnapshotFiles::install(const SnapshotMeta& snapshot, std::function<void(const Installed&)> done) {
  INVARIANT(incoming_ && incoming_->snapshot.id == snapshot.id);
  const std::string path = incoming_path(snapshot.id, "rh");
  incoming_->file.reset();
  const auto meta = read_meta(path, true);
  std::string problem = meta.ok() ? "" : meta.error().message;
  if (meta.ok() &&
      (meta->id != snapshot.id || meta->position != snapshot.position || meta->bytes != snapshot.bytes))
    problem = path + " is not the snapshot that was announced";
  if (!problem.empty()) {
    drop_incoming();
    // From a later turn, like the rest.
    world_.scheduler.post(guarded([problem, done] { done({false, problem}); }));
    return;
  }
  world_.disk.rename_file(path, path_of(snapshot),
                          guarded([this, snapshot, done = std::move(done)](const Result<void>& renamed) {
                            if (!renamed.ok()) {
                              drop_incoming();
                              return done({false, renamed.error().message});
                            }
                            load(snapshot, done);
                          }));
}

void SnapshotFiles::load(const SnapshotMeta& snapshot, const std::function<void(const Installed&)>& done) {
  remove(incoming_path(snapshot.id, "meta"));
  incoming_.reset();
  add(snapshot);
  const auto loaded = machine_.restore(path_of(snapshot));
  if (!loaded.ok()) return done({true, loaded.error().message});
  remove_unneeded();
  done({});
}

}  // namespace ringhold::raft_io
