// Scatter: one client command that became several requests, until their replies have become one.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "cluster/upstream/merge.h"
#include "cluster/upstream/request.h"

namespace ringhold {

class Router;

// Owned by the client's channel; gone when it has answered, or with the channel.
class Scatter final : public ReplySink {
 public:
  // Takes `request`'s place: its parts are routed, and its sink gets the merged reply. Precondition: the
  // router has a topology; the request is outstanding in its channel and not with any upstream. `request` is
  // freed.
  //
  // By shard: a command whose keys belong to several shards (Routing::kSplit).
  static void split(Router& router, UpstreamRequest& request, std::span<const std::string_view> args);
  // To every shard (Routing::kScatter).
  static void everywhere(Router& router, UpstreamRequest& request, std::span<const std::string_view> args);

  Scatter(Router& router, const UpstreamRequest& request);

  void on_reply(std::uint64_t tag, std::string_view reply, std::string_view arguments) override;

 private:
  void start_parts(UpstreamRequest& request, std::span<UpstreamRequest* const> requests);

  Router& router_;
  const CommandRow& row_;
  RespVersion resp_;
  ClientChannel& channel_;
  ReplySink& sink_;
  std::uint64_t tag_;
  ByteBuffer arguments_;  // the whole command's, for its sink
  std::vector<GatherPart> parts_;
  std::size_t missing_ = 0;
  std::size_t bytes_ = 0;  // of the replies so far
};

}  // namespace ringhold
