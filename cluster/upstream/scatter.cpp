#include "cluster/upstream/scatter.h"

#include <algorithm>
#include <string>
#include <utility>

#include "cluster/upstream/router.h"
#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/base/slot.h"
#include "common/base/text.h"

namespace ringhold {

namespace {

constexpr std::string_view kTooLarge =
    "-ERR the gathered reply is larger than 512 MB; ask for less at a time\r\n";

// A larger command's arguments are not kept a second time, beside its parts'.
constexpr std::size_t kKeptArgumentBytes = 64 * limits::kKiB;

// SCAN … COUNT n asks for n elements in all, so each of N shards is asked for its share of them.
std::vector<std::string_view> scan_arguments(std::span<const std::string_view> args, std::size_t shards,
                                             std::string& count) {
  constexpr std::int64_t kDefaultCount = 10;  // Redis's
  constexpr std::size_t kSaneArguments = 8;   // SCAN cursor MATCH m COUNT n TYPE t
  std::vector<std::string_view> scan(args.begin(), args.end());
  // Repeats itself, or lacks a value: the shards will say.
  if (scan.size() > kSaneArguments || scan.size() % 2 != 0) return scan;
  const auto share = [shards](std::int64_t n) {
    const auto divisor = static_cast<std::int64_t>(shards);
    return std::to_string(n / divisor + (n % divisor != 0 ? 1 : 0));
  };
  for (std::size_t i = 2; i + 1 < scan.size(); i += 2) {
    if (!equals_ignore_case(scan[i], "count")) continue;
    const auto asked = parse_int64(scan[i + 1]);
    if (!asked || *asked < 1) return scan;  // the shards will say what is wrong
    count = share(*asked);
    scan[i + 1] = count;
    return scan;
  }
  count = share(kDefaultCount);
  scan.emplace_back("count");
  scan.emplace_back(count);
  return scan;
}

}  // namespace

Scatter::Scatter(Router& router, const UpstreamRequest& request)
    : router_(router),
      row_(*request.row),
      resp_(request.resp),
      channel_(*request.channel),
      sink_(*request.sink),
      tag_(request.tag) {}

void Scatter::split(Router& router, UpstreamRequest& request, std::span<const std::string_view> args) {
  const Topology& topology = *router.topology();
  std::vector<std::uint32_t> positions;
  const Result<void> found = key_positions(*request.row, args, positions);
  INVARIANT(found.ok());
  Scatter& scatter = request.channel->add_scatter(std::make_unique<Scatter>(router, request));

  // What belongs to a key: itself, and the arguments up to the next key (MSET's values).
  const auto stride = static_cast<std::size_t>(request.row->keys.step);
  std::vector<std::size_t> part_of_shard(topology.shards.size(), SIZE_MAX);
  std::vector<std::vector<std::string_view>> part_args;
  for (std::uint32_t i = 0; i < positions.size(); ++i) {
    const std::size_t at = positions[i];
    std::size_t& part = part_of_shard[topology.slots[slot_of(args[at]).value]];
    if (part == SIZE_MAX) {
      part = part_args.size();
      part_args.push_back({args.front()});
      scatter.parts_.emplace_back();
    }
    for (std::size_t k = at; k < at + stride; ++k) part_args[part].push_back(args[k]);
    scatter.parts_[part].elements.push_back(i);
  }
  std::vector<UpstreamRequest*> requests;
  for (std::size_t part = 0; part < part_args.size(); ++part) {
    UpstreamRequest& made = request.channel->make_part(request, part_args[part], scatter, part);
    made.slot = slot_of(part_args[part][1]);
    made.many_slots = part_args[part].size() > 1 + stride;
    requests.push_back(&made);
  }
  scatter.start_parts(request, requests);
}

void Scatter::everywhere(Router& router, UpstreamRequest& request, std::span<const std::string_view> args) {
  const TopologyPtr topology = router.topology();
  Scatter& scatter = request.channel->add_scatter(std::make_unique<Scatter>(router, request));
  std::vector<std::string_view> part_args(args.begin(), args.end());
  std::string count;
  if (request.row->gather == Gather::kScan) part_args = scan_arguments(args, topology->shards.size(), count);
  std::vector<UpstreamRequest*> requests;
  for (const Shard& shard : topology->shards) {
    UpstreamRequest& made = request.channel->make_part(request, part_args, scatter, scatter.parts_.size());
    made.shard = shard.name;
    scatter.parts_.emplace_back();
    requests.push_back(&made);
  }
  scatter.start_parts(request, requests);
}

// The parts stand in the request's place, then it goes.
void Scatter::start_parts(UpstreamRequest& request, std::span<UpstreamRequest* const> requests) {
  missing_ = requests.size();
  ClientChannel& channel = channel_;
  Router& router = router_;
  channel.on_done(request);
  if (request.arguments.size() <= kKeptArgumentBytes) arguments_ = std::move(request.arguments);
  router.free_request(request);
  channel.route_parts(requests);
}

void Scatter::on_reply(std::uint64_t tag, std::string_view reply, std::string_view /*arguments*/) {
  // What could never be sent is not kept either: the merge answers with an error.
  bytes_ += reply.size();
  parts_[tag].reply = bytes_ > limits::kGatherBytesMax ? kTooLarge : reply;
  if (--missing_ > 0) return;
  ByteBuffer whole;
  if (row_.gather == Gather::kRandom) {
    choose_key(parts_, router_.world().rng.next(), resp_, whole);
  } else {
    merge_replies(row_.gather, parts_, resp_, whole);
  }
  ReplySink& sink = sink_;
  const std::uint64_t client_tag = tag_;
  const ByteBuffer arguments = std::move(arguments_);
  channel_.remove_scatter(*this);  // this object is gone from here on
  sink.on_reply(client_tag, whole.view(), arguments.view());
}

}  // namespace ringhold
