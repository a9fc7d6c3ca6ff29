#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/guarded.h"
#include "common/http/server.h"
#include "common/http/service.h"

namespace common::http {

/// Answers by path, for POST, GET and HEAD:
///
///   /refuse        503 "refused" at Admit, tag 1
///   /throw-admit   throws there
///   /later         no answer; TakeTicket() gives the ticket
///   /block         holds its worker up until Unblock(); then 200
///   /throw         throws in Handle
///   /big           `big_body` bytes
///   /close         200 and Answer::close
///   anything else  200, the body as it came, tag 2
///
/// Other methods are refused with 405. A head with the field X-Unknown does not tell its sender.
class ScriptedService final : public Service {
 public:
  explicit ScriptedService(std::size_t big_body = 0) : big_body_(big_body) {}

  Admission Admit(const RequestHead& head) override;
  std::optional<Answer> Handle(const RequestHead& head, std::string_view body, std::uint32_t tag,
                               const Ticket& ticket) override;
  Answer AnswerFault(HttpFault fault, std::optional<std::uint32_t> tag) override;
  void Answered(const AnswerReport& report) override;

  /// False beyond LimitHeld().
  bool MayHold(std::size_t held, std::size_t more, std::optional<std::uint32_t> tag) override;
  void Released(std::size_t bytes, std::optional<std::uint32_t> /*tag*/) override {
    held_ -= bytes;
  }
  void ReceptionEnded(std::uint32_t /*tag*/) override { --receiving_; }
  /// The admitted requests that are being received.
  [[nodiscard]] int receiving() const { return receiving_; }
  void LimitHeld(std::size_t bytes) { held_limit_ = bytes; }
  [[nodiscard]] std::size_t held() const { return held_; }
  /// The most that was ever held.
  [[nodiscard]] std::size_t most_held() const { return most_held_; }

  void Abandoned(const Ticket& /*ticket*/) override { ++abandoned_; }
  [[nodiscard]] int abandoned() const { return abandoned_; }

  void ClientLeft(std::uint32_t /*tag*/) override { ++left_; }
  [[nodiscard]] int left() const { return left_; }

  void ConnectionEvicted() override { ++evicted_; }
  [[nodiscard]] int evicted() const { return evicted_; }

  /// The oldest ticket of a request for /later, if it comes in time.
  std::optional<Ticket> TakeTicket(std::chrono::milliseconds limit = std::chrono::seconds(20));
  /// The report on an answer with this note holds its worker up until Unblock(), as a thread that
  /// waits for its turn behind send(2).
  static constexpr std::uint32_t kBlockingNote = 77;
  [[nodiscard]] bool IsBlocked() const { return is_blocked_; }
  void Unblock();
  [[nodiscard]] std::vector<AnswerReport> reports() const;
  /// Waits until there are so many reports; then as reports().
  [[nodiscard]] std::vector<AnswerReport> WaitForReports(std::size_t count) const;

 private:
  void Block();

  const std::size_t big_body_;
  std::atomic<std::size_t> held_limit_ = std::numeric_limits<std::size_t>::max();
  std::atomic<std::size_t> held_ = 0;
  std::atomic<int> receiving_ = 0;
  std::atomic<std::size_t> most_held_ = 0;
  std::atomic<bool> is_blocked_ = false;
  std::atomic<int> evicted_ = 0;
  std::atomic<int> abandoned_ = 0;
  std::atomic<int> left_ = 0;
  Guarded<std::vector<Ticket>> tickets_;
  Guarded<std::vector<AnswerReport>> reports_;
};

inline constexpr std::uint32_t kRefusedTag = 1;
inline constexpr std::uint32_t kServedTag = 2;

/// "200 tag=2", "408 fault=slow body tag=2", "429 fault=too many connections".
std::string Describe(const AnswerReport& report);

/// A service and a server for it, on a free port of the loopback.
class RunningServer {
 public:
  explicit RunningServer(const ServerOptions& options = {}, std::size_t big_body = 0);

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] Server& server() { return *server_; }
  [[nodiscard]] ScriptedService& service() { return service_; }

 private:
  ScriptedService service_;
  // Last: its threads call the service.
  std::unique_ptr<Server> server_;
};

}  // namespace common::http
