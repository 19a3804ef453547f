// A state machine that is a text, and whose saving can be held back.
#pragma once

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "cluster/raft_io/guard.h"
#include "cluster/raft_io/state_machine.h"
#include "common/base/limits.h"
#include "common/reactor/world.h"

namespace ringhold::raft_io {

// All commands, one behind the other. Its file: eight digits, the length of what stands beside the state;
// that; the text.
class TextMachine final : public StateMachine {
 public:
  explicit TextMachine(const World& world) : world_(world) {}

  void apply(const raft::Entry& entry) override {
    if (entry.kind == raft::EntryKind::kCommand) text += *entry.payload;
  }
  void save(const std::string& path, std::function<std::string()> about,
            std::function<void(Result<void>)> done) override {
    const std::string beside = about();
    save_done_ = std::move(done);
    world_.disk.create_file(path,
                            guard_.wrap([this, bytes = fmt::format("{:08}{}{}", beside.size(), beside, text)](
                                            Result<std::unique_ptr<WritableFile>> created) {
                              REQUIRE(created.ok());
                              file_ = std::move(*created);
                              file_->write_synced(0, bytes, guard_.wrap([this](const Result<void>& written) {
                                REQUIRE(written.ok());
                                file_.reset();
                                is_written = true;
                                if (!hold_back) end_save({});
                              }));
                            }));
  }
  Result<std::string> inspect(const std::string& path, bool /*all*/) override {
    const auto bytes = world_.disk.read_file(path, limits::kMiB);
    if (!bytes.ok()) return bytes.error();
    return bytes->substr(kDigits, length_of(*bytes));
  }
  Result<void> restore(const std::string& path) override {
    const auto bytes = world_.disk.read_file(path, limits::kMiB);
    if (!bytes.ok()) return bytes.error();
    text = bytes->substr(kDigits + length_of(*bytes));
    ++restores;
    file_.reset();
    if (save_done_)
      world_.scheduler.post(guard_.wrap([this] { end_save(Error{"there is another state now"}); }));
    return {};
  }

  // Of what was held back.
  void end_save(const Result<void>& outcome) {
    if (const auto done = std::exchange(save_done_, nullptr)) done(outcome);
  }

  std::string text;
  int restores = 0;
  bool hold_back = false;
  bool is_written = false;

 private:
  static constexpr std::size_t kDigits = 8;
  static std::size_t length_of(const std::string& bytes) {
    return std::strtoul(bytes.substr(0, kDigits).c_str(), nullptr, 10);
  }

  World world_;
  std::unique_ptr<WritableFile> file_;
  std::function<void(Result<void>)> save_done_;
  Guard guard_;
};

}  // namespace ringhold::raft_io
