// One end of a simulated connection, as the program sees it. All that happens is the Link's business.
#pragma once

#include <memory>

#include "common/reactor/stream.h"

namespace ringhold::sim {

class Link;
class SimLoop;

class SimStream final : public Stream {
 public:
  SimStream(std::shared_ptr<Link> link, int side, SimLoop& loop, PeerInfo peer);
  ~SimStream() override;
  SimStream(const SimStream&) = delete;
  SimStream& operator=(const SimStream&) = delete;

  void set_handler(StreamHandler* handler) override;
  const PeerInfo& peer() const override { return peer_; }
  void flush() override;
  std::size_t unsent() const override;
  void pause_reading() override;
  void resume_reading() override;
  void close() override;
  void abort() override;

  // The end of a loop turn has come.
  void send_output();

 private:
  std::shared_ptr<Link> link_;
  int side_;
  SimLoop& loop_;
  PeerInfo peer_;
  bool flush_asked_ = false;
};

}  // namespace ringhold::sim
