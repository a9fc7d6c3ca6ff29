#include "common/http/server.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>
#include <vector>

#include "common/http/listener.h"
#include "common/http/reactor.h"
#include "common/http/worker.h"

namespace common::http {
namespace {

Error Failure(std::string detail) {
  return Error{Remedy::kStop, "http_start_failed", std::move(detail)};
}

/// One for each worker, all on one port.
Result<std::vector<Fd>> Listeners(const ServerOptions& options) {
  const auto sharing = options.threads > 1 ? PortSharing::kShared : PortSharing::kAlone;
  if (auto free = CheckPortIsFree(options.host, options.port); !free) return free.error();
  std::vector<Fd> listeners;
  std::uint16_t port = options.port;
  for (int i = 0; i < options.threads; ++i) {
    auto listener = Bind(options.host, port, sharing);
    if (!listener) return listener.error();
    port = PortOf(*listener);
    listeners.push_back(*std::move(listener));
  }
  return listeners;
}

}  // namespace

class Server::Impl {
 public:
  Impl(const ServerOptions& options, std::vector<Fd> listeners)
      : options_(options),
        port_(PortOf(listeners.front())),
        population_(listeners.size(), options.max_connections,
                    [this](std::uint32_t worker) { workers_[worker]->Wake(); }),
        listeners_(std::move(listeners)) {}

  ~Impl() { Stop(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> Serve(Service& service) {
    for (const Fd& listener : listeners_) {
      if (auto listening = Listen(listener); !listening) return listening;
    }
    for (Fd& listener : listeners_) {
      workers_.push_back(std::make_shared<Worker>(static_cast<std::uint32_t>(workers_.size()),
                                                  std::move(listener), options_, service,
                                                  population_));
    }
    if (auto added = reactor_.Add({workers_.begin(), workers_.end()}); !added) return added;
    for (const auto& worker : workers_) {
      if (!worker->IsRegistered()) return Failure("the kernel refuses an epoll, event or timer");
    }
    return reactor_.Run();
  }

  void Stop() {
    reactor_.Stop();
    for (const auto& worker : workers_) worker->CloseConnections();
  }

  void Complete(std::span<Completion> completions) {
    if (workers_.empty()) return;  // Before Serve() no request can have come.
    while (!completions.empty()) {
      const std::uint32_t worker = completions.front().ticket.worker;
      const auto others =
          std::partition(completions.begin(), completions.end(),
                         [worker](const Completion& each) { return each.ticket.worker == worker; });
      const auto count = static_cast<std::size_t>(others - completions.begin());
      workers_[worker < workers_.size() ? worker : 0]->Complete(completions.first(count));
      completions = completions.subspan(count);
    }
  }

  void BeginDrain() {
    population_.BeginDrain();
    WakeWorkers();
  }

  bool WaitDrained(Deadline deadline) { return population_.WaitUntilEmpty(deadline); }

  [[nodiscard]] std::uint16_t port() const { return port_; }

  [[nodiscard]] std::chrono::milliseconds LongestTurn() const {
    const auto now = std::chrono::steady_clock::now();
    auto oldest = now;
    for (const auto& worker : workers_) oldest = std::min(oldest, worker->last_tick());
    return std::chrono::floor<std::chrono::milliseconds>(now - oldest);
  }

  [[nodiscard]] ServerStats stats() const {
    ServerStats sum;
    for (const auto& worker : workers_) {
      const Counters& counters = worker->counters();
      sum.connections_accepted += counters.connections_accepted.value();
      sum.connections_refused += counters.connections_refused.value();
      sum.connections_evicted += counters.connections_evicted.value();
      sum.accept_paused += counters.accept_paused.value();
      sum.requests += counters.requests.value();
      sum.late_completions += counters.late_completions.value();
      sum.closed_unread += counters.closed_unread.value();
      sum.closed_idle += counters.closed_idle.value();
      sum.closed_in_flight += counters.closed_in_flight.value();
      sum.service_exceptions += counters.service_exceptions.value();
    }
    sum.open_connections = population_.open();
    return sum;
  }

 private:
  void WakeWorkers() {
    for (const auto& worker : workers_) worker->Wake();
  }

  const ServerOptions options_;
  const std::uint16_t port_;
  Population population_;
  std::vector<Fd> listeners_;  ///< Until Serve().
  std::vector<std::shared_ptr<Worker>> workers_;
  Reactor reactor_;  // Last: its destructor joins the threads that use the members above.
};

Result<std::unique_ptr<Server>> Server::Open(const ServerOptions& options) {
  if (options.threads < 1) return Failure("threads must be at least 1");
  auto listeners = Listeners(options);
  if (!listeners) return listeners.error();
  return std::unique_ptr<Server>(
      new Server(std::make_unique<Impl>(options, *std::move(listeners))));
}

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Service& service) {
  auto server = Open(options);
  if (!server) return server;
  if (const auto serving = (*server)->Serve(service); !serving) return serving.error();
  return server;
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<void> Server::Serve(Service& service) { return impl_->Serve(service); }
void Server::Stop() { impl_->Stop(); }

std::uint16_t Server::port() const { return impl_->port(); }
void Server::Complete(std::span<Completion> completions) { impl_->Complete(completions); }
void Server::Complete(const Ticket& ticket, Answer answer) {
  Completion completion{ticket, std::move(answer)};
  Complete({&completion, 1});
}
void Server::BeginDrain() { impl_->BeginDrain(); }
bool Server::WaitDrained(Deadline deadline) { return impl_->WaitDrained(deadline); }
ServerStats Server::stats() const { return impl_->stats(); }
std::chrono::milliseconds Server::LongestTurn() const { return impl_->LongestTurn(); }

}  // namespace common::http
