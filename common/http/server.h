#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/http/message.h"
#include "common/http/service.h"

namespace common::http {

/// Deadlines are looked at so often: each may be noticed so much later.
inline constexpr std::chrono::milliseconds kTimerGrain{100};

/// So many connections may be open beyond max_connections: newcomers that have no place yet, and
/// refused ones until they have read their answer.
inline constexpr std::uint64_t kReserve = 64;

struct ServerOptions {
  std::string host = "127.0.0.1";  ///< An address, no name; "::" is dual-stack.
  std::uint16_t port = 0;          ///< 0: any free one, see Server::port().
  int threads = 1;
  std::size_t max_head =
      std::size_t{16} * 1024;  ///< Request line and fields, the blank line included.
  std::size_t max_body = std::size_t{1024} * 1024;  ///< A body of exactly this size is accepted.
  /// The server serves so many at a time. It closes the longest idle connection for a new one, and
  /// prefers one that has never sent a request, unless it was only just made. If all are busy, it
  /// answers HttpFault::kTooManyConnections on the new one. Meanwhile kReserve more may be open.
  std::size_t max_connections = 10'000;
  /// From the first byte of each request to the end of its head. A connection that never sent a
  /// byte is closed silently after this time.
  std::chrono::milliseconds header_timeout{5'000};
  std::chrono::milliseconds body_timeout{5'000};     ///< From the end of the head.
  std::chrono::milliseconds idle_timeout{75'000};    ///< A kept-alive connection between requests.
  std::chrono::milliseconds answer_deadline{8'500};  ///< From the request's first byte.
  /// True: a client that ends its input before it has its answer is gone, as a browser that leaves
  /// a page. False: it may have shut down one direction only, and is answered.
  bool leaves_at_end_of_input = false;
  /// A client that takes less than 64 KiB of its answer in this time is closed.
  std::chrono::milliseconds write_timeout{5'000};

  /// Something else that a worker looks after beside its connections, because what comes from
  /// there are answers.
  struct Watch {
    int event = -1;  ///< An eventfd, edge-triggered: it is never read. -1: there is none.
    /// Called on the thread of one worker when the eventfd was written to, and every 100 ms.
    std::function<void()> on_event{};
  };
  Watch watch{};
};

/// Counters since the start; each connection or request is in at most one of the `closed_*`.
struct ServerStats {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;  ///< Beyond max_connections, while all were busy.
  std::uint64_t connections_evicted = 0;  ///< Idle, closed to make room for others.
  /// Out of descriptors or memory, or the reserve beyond max_connections was used up; retried after
  /// 100 ms.
  std::uint64_t accept_paused = 0;
  std::uint64_t requests = 0;            ///< Handed to Service::Handle.
  std::uint64_t late_completions = 0;    ///< Complete() for a request already answered or gone.
  std::uint64_t closed_unread = 0;       ///< The client did not read its answer in time.
  std::uint64_t closed_idle = 0;         ///< Nothing was asked in time.
  std::uint64_t closed_in_flight = 0;    ///< The client went away before its answer.
  std::uint64_t service_exceptions = 0;  ///< Calls of the service that threw.
  std::uint64_t open_connections = 0;
};

/// The hardened HTTP/1 server: Pistache's reactor with our own accept, framing, deadlines, write
/// path and drain (`ops/docs/adr/0005`). TLS is terminated in front of it.
///
/// Threads:  Complete(), BeginDrain(), stats() and LongestTurn() from any thread; the rest from the owner's.
/// Lifetime: the service is used from Serve() until Stop() has returned.
class Server {
 public:
  /// Binds the port. Clients are refused until Serve().
  /// Errors: kStop if the address cannot be bound.
  static Result<std::unique_ptr<Server>> Open(const ServerOptions& options);
  /// Open() and Serve().
  static Result<std::unique_ptr<Server>> Start(const ServerOptions& options, Service& service);

  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Call it once. Errors: kStop if another process listens there, or the kernel has no epoll,
  /// event or timer.
  Result<void> Serve(Service& service);

  /// Ends the threads and closes every connection at once; answers that come later are dropped.
  /// The destructor does it as well.
  void Stop();

  [[nodiscard]] std::uint16_t port() const;

  /// Answers the request named by `ticket`, unless it was answered already or is gone: then the
  /// answer is counted as late and dropped.
  void Complete(const Ticket& ticket, Answer answer);
  /// The same for many: each worker is woken once. Moves the answers and changes their order.
  void Complete(std::span<Completion> completions);

  /// Closes the listener after taking what is queued there; answers what is still asked on open
  /// connections with `Connection: close`; idle connections end after a grace period of 1 s.
  void BeginDrain();

  /// True once no connection is left. Precondition: BeginDrain().
  bool WaitDrained(Deadline deadline);

  [[nodiscard]] ServerStats stats() const;

  /// How long ago the worker that is furthest behind last looked at its timers, as each does every
  /// kTimerGrain unless something holds it up. Precondition: Serve(), and not Stop().
  [[nodiscard]] std::chrono::milliseconds LongestTurn() const;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace common::http
