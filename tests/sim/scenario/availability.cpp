#include "tests/sim/scenario/availability.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ringhold::sim {

namespace {

// A slot that changes hands troubles its requests for as long as it takes to be sent again.
constexpr auto kMoveAftermath = std::chrono::milliseconds(200);

double seconds_of(MonoTime time) {
  return static_cast<double>(time.time_since_epoch().count()) / 1e6 - 1000;
}

class Checker {
 public:
  Checker(const RunLog& run, const FaultLog& faults, const OwnershipLog& ownership,
          const AvailabilityRules& rules)
      : run_(run), faults_(faults), ownership_(ownership), rules_(rules) {}

  std::string first_failure() const {
    for (const RequestRecord& request : run_.requests) {
      if (request.given_up || request.returned == MonoTime::max()) continue;
      const bool failed = request.lost || !request.error.empty();
      const bool slow = !request.dozed && request.returned - request.sent > rules_.slow;
      if (!failed && !slow) continue;
      const bool redirected = request.error.starts_with("MOVED") || request.error.starts_with("CROSSSLOT");
      if (request.cluster_aware && redirected) continue;
      if (!excused(request, !failed)) return describe(request, failed ? "failed" : "was slow");
    }
    return {};
  }

 private:
  // Replies come in order: a slow one may have waited for another one of its connection.
  bool excused(const RequestRecord& request, bool slow) const {
    if (excused(request)) return true;
    return slow && std::any_of(run_.requests.begin(), run_.requests.end(), [&](const RequestRecord& other) {
             return other.connection == request.connection && other.sent <= request.sent &&
                    other.returned >= request.sent && (other.bulky || excused(other));
           });
  }

  bool excused(const RequestRecord& request) const {
    const std::set<std::string> needed = needs(request);
    // A data server that knows no topology says so: some proxy has to find it first.
    for (const std::string& name : needed) {
      if (ownership_.was_ignorant(name, request.sent - kMoveAftermath, request.returned)) return true;
    }
    const auto overlaps = [&](MonoTime begin, MonoTime end, std::chrono::microseconds aftermath) {
      return begin <= request.returned && (end == MonoTime::max() || end + aftermath >= request.sent);
    };
    for (const Fault& fault : faults_.faults()) {
      const bool concerned =
          std::includes(needed.begin(), needed.end(), fault.concerned.begin(), fault.concerned.end());
      if (concerned && overlaps(fault.begin, fault.end, fault.aftermath)) return true;
    }
    for (const std::string& key : request.keys) {
      for (const Disturbance& move : ownership_.disturbances(key)) {
        if (overlaps(move.begin, move.end, kMoveAftermath)) return true;
      }
    }
    return false;
  }

  std::set<std::string> needs(const RequestRecord& request) const {
    std::set<std::string> names = {request.client, request.front};
    if (request.all_shards) names.insert(rules_.servers.begin(), rules_.servers.end());
    for (const std::string& key : request.keys)
      names.merge(ownership_.believed_owners(key, request.sent - rules_.deadline, request.returned));
    return names;
  }

  std::string describe(const RequestRecord& request, const char* how) const {
    std::string text = fmt::format(
        "a request {} without an excuse: {} connection {} to {}, request #{}, {:.6f}..{:.6f}: {}\n  {}", how,
        request.client, request.connection, request.front, request.id, seconds_of(request.sent),
        seconds_of(request.returned), request.command,
        request.lost ? "connection lost: " + request.error : request.error);
    for (const std::string& key : request.keys) {
      text += fmt::format("\n  key {} may be served by", key);
      for (const std::string& name : ownership_.believed_owners(key, request.sent, request.returned))
        text += " " + name;
    }
    for (const Fault& fault : faults_.faults()) {
      if (fault.begin > request.returned || (fault.end < request.sent - std::chrono::seconds(5))) continue;
      text += fmt::format("\n  fault {:.6f}..{:.6f}: {}", seconds_of(fault.begin),
                          fault.end == MonoTime::max() ? 0 : seconds_of(fault.end), fault.what);
    }
    return text;
  }

  const RunLog& run_;
  const FaultLog& faults_;
  const OwnershipLog& ownership_;
  const AvailabilityRules& rules_;
};

}  // namespace

std::size_t FaultLog::begin(MonoTime now, std::string what, std::set<std::string> concerned,
                            std::chrono::microseconds aftermath) {
  faults_.push_back({now, MonoTime::max(), std::move(what), std::move(concerned), aftermath});
  return faults_.size() - 1;
}

std::string check_availability(const RunLog& run, const FaultLog& faults, const OwnershipLog& ownership,
                               const AvailabilityRules& rules) {
  return Checker(run, faults, ownership, rules).first_failure();
}

}  // namespace ringhold::sim
