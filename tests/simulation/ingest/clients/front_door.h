#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>

#include "common/http/message.h"
#include "common/http/server.h"
#include "common/http/service.h"
#include "tests/simulation/runtime/runtime.h"

namespace simulation::intake {

class Process;

/// A callback on its way to an instance.
struct Posted {
  std::uint64_t delivery = 0;  ///< The sender's number of it.
  std::string path;
  std::string body;
  bool comes_in_pieces = false;  ///< The second half comes `pause` after the first.
  Span pause{};
};

/// The HTTP server of one process without sockets: one worker that hands requests to the service,
/// keeps their deadlines, and takes the delivery reports.
class FrontDoor {
 public:
  /// Null: the connection ended without an answer.
  using OnAnswer = std::function<void(const common::http::Answer* answer)>;

  FrontDoor(Process& process, const common::http::ServerOptions& options);
  ~FrontDoor();
  FrontDoor(const FrontDoor&) = delete;
  FrontDoor& operator=(const FrontDoor&) = delete;

  // For the world.
  /// False: the connection is refused.
  bool Post(Posted posted, OnAnswer on_answer);
  [[nodiscard]] bool is_listening() const { return service_ != nullptr && !is_draining_; }
  /// The process is dead: every connection breaks.
  void Break();
  /// Breaks the connections whose request was not read yet.
  void BreakUnread();

  // For Server.
  void Serve(common::http::Service& service);
  void Stop();
  void Complete(const common::http::Ticket& ticket, common::http::Answer answer);
  void BeginDrain();
  [[nodiscard]] bool WaitDrained(Time until);

 private:
  struct Connection {
    Posted posted;
    OnAnswer on_answer;
    Time first_byte{};
    common::WallTime received_at{};
    std::uint32_t tag = 0;
    std::size_t held = 0;  ///< Bytes granted while it was being received.
    bool is_admitted = false;
    bool is_handled = false;
  };
  using Connections = std::map<std::uint64_t, Connection>;

  void Run();
  void Wake();
  void Receive(std::uint64_t id);
  void Handle(std::uint64_t id, Connection& connection);
  void Expire();
  void Answer(std::uint64_t id, common::http::Answer answer);
  void LetGo(Connection& connection);
  [[nodiscard]] common::http::RequestHead HeadOf(const Connection& connection) const;

  Process& process_;
  Runtime& runtime_;
  const common::http::ServerOptions options_;
  common::http::Service* service_ = nullptr;
  Connections connections_;
  std::deque<std::uint64_t> arrived_;
  std::uint64_t last_connection_ = 0;
  Runtime::FiberId worker_ = 0;
  bool is_woken_ = false;
  bool is_signalled_ = false;
  bool is_draining_ = false;
  bool is_stopped_ = false;
};

}  // namespace simulation::intake
