#include "common/http/server.h"

#include <algorithm>
#include <exception>
#include <span>
#include <utility>
#include <vector>

#include "common/http/listener.h"
#include "common/http/worker.h"

namespace common::http {
namespace {

/// Gives Pistache's reactor, which clones its handler once for each thread, the workers made
/// beforehand.
class Workers final : public Pistache::Aio::Handler {
 public:
  explicit Workers(const std::vector<std::shared_ptr<Worker>>& workers) : workers_(workers) {}

  [[nodiscard]] std::shared_ptr<Pistache::Aio::Handler> clone() const override {
    return workers_[next_++];
  }
  void registerPoller(Pistache::Polling::Epoll& /*epoll*/) override {}
  void onReady(const Pistache::Aio::FdSet& /*events*/) override {}

 private:
  const std::vector<std::shared_ptr<Worker>>& workers_;
  mutable std::size_t next_ = 0;
};

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
    auto listener = Listen(options.host, port, sharing);
    if (!listener) return listener.error();
    port = PortOf(*listener);
    listeners.push_back(*std::move(listener));
  }
  return listeners;
}

}  // namespace

class Server::Impl {
 public:
  Impl(const ServerOptions& options, Service& service, std::vector<Fd> listeners)
      : options_(options),
        port_(PortOf(listeners.front())),
        population_(listeners.size(), [this] { WakeWorkers(); }) {
    for (Fd& listener : listeners) {
      workers_.push_back(std::make_shared<Worker>(static_cast<std::uint32_t>(workers_.size()),
                                                  std::move(listener), options_, service,
                                                  population_));
    }
  }

  ~Impl() {
    if (reactor_) reactor_->shutdown();
    reactor_.reset();  // joins the threads
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> Run() {
    try {
      reactor_ = Pistache::Aio::Reactor::create();
      reactor_->init(Pistache::Aio::AsyncContext(workers_.size(), "http"));
      reactor_->addHandler(std::make_shared<Workers>(workers_));
      for (const auto& worker : workers_) {
        if (!worker->IsRegistered()) return Failure("the kernel refuses an epoll, event or timer");
      }
      reactor_->run();
    } catch (const std::exception& error) {
      return Failure(error.what());
    }
    return {};
  }

  void Complete(std::span<Completion> completions) {
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
  std::vector<std::shared_ptr<Worker>> workers_;
  // Last: its end joins the threads that use the members above.
  std::shared_ptr<Pistache::Aio::Reactor> reactor_;
};

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Service& service) {
  if (options.threads < 1) return Failure("threads must be at least 1");
  auto listeners = Listeners(options);
  if (!listeners) return listeners.error();
  auto impl = std::make_unique<Impl>(options, service, *std::move(listeners));
  if (auto running = impl->Run(); !running) return running.error();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

std::uint16_t Server::port() const { return impl_->port(); }
void Server::Complete(std::span<Completion> completions) { impl_->Complete(completions); }
void Server::Complete(const Ticket& ticket, Answer answer) {
  Completion completion{ticket, std::move(answer)};
  Complete({&completion, 1});
}
void Server::BeginDrain() { impl_->BeginDrain(); }
bool Server::WaitDrained(Deadline deadline) { return impl_->WaitDrained(deadline); }
ServerStats Server::stats() const { return impl_->stats(); }

}  // namespace common::http
