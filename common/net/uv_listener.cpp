#include "common/net/uv_listener.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/log.h"
#include "common/net/listening_socket.h"
#include "common/net/process.h"
#include "common/net/uv_network.h"
#include "common/net/uv_stream.h"

namespace ringhold {

namespace {

// One admitted connection, as long as it is open.
class Admission {
 public:
  Admission(std::shared_ptr<ConnectionCounter> counter, std::shared_ptr<std::uint32_t> open, std::string host)
      : counter_(std::move(counter)), open_(std::move(open)), host_(std::move(host)) {
    ++*open_;
  }
  ~Admission() {
    --*open_;
    counter_->release(host_);
  }
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

 private:
  std::shared_ptr<ConnectionCounter> counter_;
  std::shared_ptr<std::uint32_t> open_;
  std::string host_;
};

Address local_address(const uv_tcp_t* socket) {
  sockaddr_storage name{};
  int size = sizeof(name);
  INVARIANT(uv_tcp_getsockname(socket, reinterpret_cast<sockaddr*>(&name), &size) == 0);
  return address_of(name);
}

}  // namespace

UvListener::UvListener(UvNetwork& network, const ListenOptions& options, AcceptHandler& handler)
    : network_(network), options_(options), handler_(handler) {}

Result<std::unique_ptr<Listener>> UvListener::open(UvNetwork& network, const Address& address,
                                                   const ListenOptions& options, AcceptHandler& handler) {
  if (network.context()->server() == nullptr) {
    return Error{
        fmt::format("cannot listen on {} without a certificate; give --cert and --key", address.text())};
  }
  ProcessResources& resources = network.hub().resources();
  std::shared_ptr<SharedPort> shared;
  if (options.share_port) shared = resources.shared_port(address);
  const auto fd = open_port(address, shared ? PortUse::kJoin : PortUse::kExclusive);
  if (!fd) return fd.error();

  auto* socket = new uv_tcp_t;
  uv_tcp_init(network.hub().loop().uv(), socket);
  INVARIANT(uv_tcp_open(socket, *fd) == 0);
  std::unique_ptr<UvListener> listener(new UvListener(network, options, handler));
  socket->data = listener.get();
  const auto connected = [](uv_stream_t* server, int status) {
    auto* self = static_cast<UvListener*>(server->data);
    if (self == nullptr) return;
    const CallbackScope scope(self->network_.hub().loop());
    self->on_connection(status);
  };
  const int code = uv_listen(reinterpret_cast<uv_stream_t*>(socket), limits::kListenBacklog, connected);
  if (code != 0) {
    close_and_free(socket);
    return describe_port_error(address, -code);
  }
  const Address real{address.host, local_address(socket).port};
  if (options.share_port && !shared) {
    allow_joining(*fd);
    shared = resources.share_port(real);
  }
  listener->start(socket, real, std::move(shared));
  return std::unique_ptr<Listener>(std::move(listener));
}

void UvListener::start(uv_tcp_t* socket, const Address& address, std::shared_ptr<SharedPort> shared) {
  socket_ = socket;
  address_ = address;
  shared_ = std::move(shared);
  counter_ = shared_ ? shared_->counter : std::make_shared<ConnectionCounter>();
}

UvListener::~UvListener() {
  socket_->data = nullptr;
  close_and_free(socket_);
  for (auto& [core, owner] : handshaking_) {
    core->orphan();
    network_.hub().loop().bury(std::move(owner));
  }
}

void UvListener::on_connection(int status) {
  if (status != 0) return log_refusal(address_, uv_strerror(status));
  auto* socket = new uv_tcp_t;
  uv_tcp_init(network_.hub().loop().uv(), socket);
  socket->data = nullptr;
  sockaddr_storage name{};
  int size = sizeof(name);
  if (uv_accept(reinterpret_cast<uv_stream_t*>(socket_), reinterpret_cast<uv_stream_t*>(socket)) != 0 ||
      uv_tcp_getpeername(socket, reinterpret_cast<sockaddr*>(&name), &size) != 0) {
    return close_and_free(socket);  // it has gone already
  }
  Address peer = address_of(name);
  auto admission = admit(peer, socket);
  if (!admission) return close_and_free(socket);
  auto core = StreamCore::accept(network_.hub(), network_.context(),
                                 {socket, std::move(peer), std::move(admission), this});
  handshaking_.emplace(core.get(), std::move(core));
}

std::shared_ptr<void> UvListener::admit(const Address& peer, uv_tcp_t* socket) {
  uv_os_fd_t fd = -1;
  uv_fileno(reinterpret_cast<uv_handle_t*>(socket), &fd);
  // The kernel gives the smallest number that is free, so a high one says how many are in use.
  const int most = descriptor_limit();
  if (fd >= most - std::min(limits::kReservedDescriptors, most / 4)) {
    ++network_.hub().figures().connections_rejected;
    log_refusal(peer, fmt::format("this process is at its limit of {} open files (ulimit -n)", most));
    return nullptr;
  }
  switch (counter_->admit(peer.host, {options_.connections_max, options_.connections_per_address_max})) {
    case ConnectionCounter::Verdict::kAdmitted:
      return std::make_shared<Admission>(counter_, open_, peer.host);
    case ConnectionCounter::Verdict::kTooMany:
      ++network_.hub().figures().connections_rejected;
      log_refusal(peer, fmt::format("{} connections are open (--connections-max)", options_.connections_max));
      return nullptr;
    case ConnectionCounter::Verdict::kTooManyFromAddress:
      ++network_.hub().figures().connections_rejected;
      log_refusal(peer,
                  fmt::format("{} connections are open from its address (--connections-per-address-max)",
                              options_.connections_per_address_max));
      return nullptr;
  }
  return nullptr;
}

void UvListener::log_refusal(const Address& peer, const std::string& why) {
  if (const auto more = refusals_.admit(network_.hub().loop().turn_time())) {
    log::warn("{} refused: {}{}", peer.text(), why, *more);
  }
}

void UvListener::on_established(StreamCore& core) {
  NetworkFigures& figures = network_.hub().figures();
  ++(core.resumed() ? figures.handshakes_resumed : figures.handshakes_full);
  const auto entry = handshaking_.extract(&core);
  INVARIANT(!entry.empty());
  handler_.on_accept(std::make_unique<UvStream>(network_.hub(), entry.mapped()));
  // Nothing after this: the user may have destroyed the listener.
}

void UvListener::on_refused(StreamCore& core, const Error& why) {
  ++network_.hub().figures().handshakes_failed;
  log_refusal(core.peer().address, why.message);
}

void UvListener::on_gone(StreamCore& core) {
  const auto entry = handshaking_.extract(&core);
  INVARIANT(!entry.empty());
  network_.hub().loop().bury(entry.mapped());
}

}  // namespace ringhold
