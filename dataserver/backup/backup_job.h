// BackupJob: writes the store to a file, at one point in time, while it goes on serving.
//
//   clear ─▶ create FILE.new ─▶ walk ─▶ footer ─▶ sync ─▶ FILE becomes FILE.previous ─▶ FILE.new becomes FILE
//              (marks that an earlier,    (slices: some keys, an append to the disk, a pause)
//               abandoned job left)
//
// A key that changes before its turn is written as it was, at once (Store::begin_backup): it is set aside in
// memory until the disk has taken it. A large value has an ItemReader from that moment, or from its turn on,
// and is written in parts. What is set aside is bounded: see writes_must_wait(). If anything fails, FILE.new
// is removed, FILE stays as it was, and the server goes on.
//
// FLUSHALL makes the job begin again, at `create`: nobody wants back what he has just deleted. From then on
// it shows the moment of the flush, an empty store; that takes no walk, so that no other flush disturbs it,
// and every job ends, however often FLUSHALL comes. What has been written since is for the next job.
//
// Lives on the data server's loop; destroying it leaves FILE.new behind, as a crash does, and the next job
// begins with a new one.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/reactor/world.h"
#include "common/session/backup_state.h"
#include "dataserver/backup/backup_file.h"
#include "dataserver/backup/backup_records.h"
#include "dataserver/backup/item_reader.h"
#include "dataserver/backup/part_writer.h"
#include "dataserver/store/store.h"

namespace ringhold {

class BackupJob final : private BackupObserver {
 public:
  struct Options {
    std::string path;
    // What is said of the server in the file's header; software, times and the seed are added here.
    std::function<BackupHeader()> about;
    std::function<UnixMs()> log_time;
    // Commands so far: while clients are served, a gentle job leaves them more time. May be empty.
    std::function<std::uint64_t()> served;
    // FLUSHALL makes the job walk anew, at a later moment, rather than show that of the flush: for who can
    // name a moment only between turns.
    bool walk_after_flush = false;
  };
  BackupJob(World world, Store& store, Options options);
  ~BackupJob() override;
  BackupJob(const BackupJob&) = delete;
  BackupJob& operator=(const BackupJob&) = delete;

  enum class Pace : std::uint8_t {
    kGentle,  // with pauses, for a server that serves
    kHurry,   // without: nobody is served, or somebody waits for the end
  };
  using Done = std::function<void(const Result<void>&)>;
  // `done` is called once, from a later turn. One that is under way goes on (in a hurry, if that is asked
  // for), and all who asked hear of its end.
  void start(Pace pace, Done done);
  bool running() const { return state_ != State::kIdle; }
  // Too much is set aside: changes have to wait until on_room is called.
  bool writes_must_wait() {
    if (store_.backup_running()) update_full();
    return full_;
  }
  std::function<void()> on_room;

  const std::string& path() const { return options_.path; }
  // Without what was loaded at the start, of which it knows nothing.
  BackupState figures() const;
  // The last good backup shows the store as it was after so many changes (Store::changes), or more.
  std::uint64_t covered_changes() const { return changes_at_last_; }

 private:
  enum class State : std::uint8_t { kIdle, kClearing, kCreating, kWalking, kFooter, kSyncing, kNaming };

  void set_aside(const Entry& entry) override;
  void on_flush() override;

  void begin();
  void clear_some();
  void create();
  void on_created(Result<std::unique_ptr<WritableFile>> file);
  // Does the next piece of work, unless the disk is busy.
  void go_on();
  void go_on_soon();
  void walk_some();
  void append_pending();
  void on_appended(const Result<void>& outcome);
  void rest();
  bool may_skip_pause();
  void sync();
  void on_synced(const Result<void>& outcome);
  void name();
  void fail(const Error& why);
  void restart();
  void end(const Result<void>& outcome);

  // What the file shows is this moment.
  void take_point();
  Walked write_entry(const Entry& entry);
  void write_in_parts(const Entry& entry);
  // The next part of the first large value that is under way.
  void write_large();
  void seal_entries();
  void give_up_work();
  void update_full();
  BackupKey about_key(const Entry& entry) const;
  // `callback` as a member call that is dropped if the job is gone or has begun again meanwhile.
  template <typename Callback>
  auto guarded(Callback callback);

  World world_;
  Store& store_;
  Options options_;
  State state_ = State::kIdle;
  Pace pace_ = Pace::kGentle;
  std::vector<Done> waiting_;
  std::unique_ptr<Timer> timer_;
  std::unique_ptr<WritableFile> file_;
  std::optional<ChunkWriter> writer_;
  EntriesEncoder encoder_;
  std::string pending_;              // for the disk
  std::size_t writing_bytes_ = 0;    // at the disk
  bool restart_ = false;             // what has been written so far has no worth
  bool flushed_ = false;             // in this job: what it shows is that moment
  bool soon_ = false;                // go_on() is on its way
  int slices_ = 0;                   // since the last pause
  std::uint64_t served_before_ = 0;  // that pause
  bool full_ = false;
  UnixMs point_ = 0;     // in time, of what is written
  BackupHeader header_;  // as of then
  // Large values whose turn has come, or that have changed before it.
  struct Large {
    Large(std::uint64_t number, const BackupKey& about, const Entry& entry, std::size_t& held)
        : parts(number, about, entry.key()), items(entry, held) {}
    PartWriter parts;
    ItemReader items;
  };
  std::size_t held_ = 0;  // by their readers
  std::deque<Large> large_;
  std::uint64_t next_value_ = 1;
  std::uint64_t keys_ = 0;
  std::uint64_t set_aside_keys_ = 0;
  std::uint64_t changes_at_start_ = 0;
  std::uint64_t changes_at_last_ = 0;
  MonoTime started_{};
  BackupState figures_;
  std::shared_ptr<int> life_ =
      std::make_shared<int>(0);  // shared with callbacks under way; the number of the attempt
};

}  // namespace ringhold
