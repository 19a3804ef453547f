// What a shard's entries are applied to, as raft_io sees it: the store and what belongs to it.
#pragma once

#include <functional>
#include <string>

#include "cluster/raft/types.h"
#include "common/base/result.h"

namespace ringhold::raft_io {

class StateMachine {
 public:
  virtual ~StateMachine() = default;

  // A committed entry, each once, in order. Its result may depend on the state and the entry alone.
  virtual void apply(const raft::Entry& entry) = 0;

  // Writes a file at `path` that holds the state at one moment, of the caller's future: at that moment, and
  // in the turn in which it comes, `about` is asked for what is to stand in the file beside the state. (If
  // the moment is chosen anew, it is asked again, and the last answer counts.) `done` follows once the file
  // is durable under its name; or an error, and then there is no file. One at a time.
  virtual void save(const std::string& path, std::function<std::string()> about,
                    std::function<void(Result<void>)> done) = 0;
  // What stands in the file beside the state. With `all`, the whole file is read and checked. Blocks.
  virtual Result<std::string> inspect(const std::string& path, bool all) = 0;
  // Replaces the state by that in the file; a save that is under way ends with an error. Blocks. After an
  // error there is no state that could be used.
  virtual Result<void> restore(const std::string& path) = 0;
};

}  // namespace ringhold::raft_io
