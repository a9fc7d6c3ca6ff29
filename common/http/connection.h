#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/fd.h"
#include "common/http/framer.h"
#include "common/http/idle_connections.h"
#include "common/http/message.h"
#include "common/http/outbox.h"
#include "common/http/poller.h"
#include "common/http/population.h"
#include "common/http/timer_wheel.h"
#include "common/http/timing.h"
#include "common/http/worker_context.h"

namespace common::http {

/// One client: reads a request, asks the service, sends the answer, and so on; one request at a
/// time. What the client sends meanwhile stays in the kernel's buffer, but for what came together
/// with the request.
///
///   kReading --request--> kInFlight --Complete(), deadline--> kWriting --sent--> kReading
///      |  \--refusal, fault, immediate answer-------------------^  \--sent, last--> kLingering
///      +-- idle, client gone --> kClosed <-- client gone ---+-----------------------+
///
/// Threads: the worker's only.
class Connection final : public Timer, public IdlePlace {
 public:
  Connection(std::uint64_t id, Fd socket, Seat seat, WorkerContext& context);

  /// Answers Fault::kTooManyConnections and closes.
  void Refuse();

  void OnReadable();
  void OnWritable();
  void OnHangup() { Close(); }
  void OnTimer(TimePoint now) override;
  /// Closes it, unless a request has arrived meanwhile, be it answered already. True: it is closed.
  bool Evict();
  /// The drain has begun.
  void OnDrain() { Reschedule(); }

  /// False: the request was answered already.
  bool Complete(std::uint64_t request, Answer answer);

  void Close() noexcept;

  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] const Fd& socket() const { return socket_; }
  [[nodiscard]] bool IsClosed() const { return state_ == State::kClosed; }

 private:
  enum class State { kReading, kInFlight, kWriting, kLingering, kClosed };

  // What is known of the request being read or answered.
  struct Request {
    std::optional<std::uint32_t> tag;
    bool has_head = false;
    bool wants_no_body = false;  // HEAD
    bool is_continued = false;
    bool is_refused = false;  // answered already, the body is being skipped
    bool is_last = false;     // what came behind it was not kept
  };

  // What is told to Service::Answered about the answer being written.
  struct Outgoing {
    std::optional<Fault> fault;
    int status = 0;
    std::uint32_t note = 0;
    bool closes = false;
  };

  void Take(std::string_view input);
  void ReadRequest(std::string_view& input);
  void NoteForeignProtocol();
  void OnHead();
  void OnRequest();
  void OnEndOfInput();
  void KeepBacklog(std::string_view input);
  bool Account();
  void ReleaseHeld();
  void DropInput();
  void OnIdleTooLong(TimePoint now);
  void SendContinue();
  void SendRefusal(Answer refusal);
  void SendFault(Fault fault, bool close);
  void Send(Answer answer, std::optional<Fault> fault, bool close);
  void OnSent();
  void Report();
  void Resume();
  void Linger();
  void Discard();
  void PauseReading();
  void SetInterest(Interest interest);
  void Expire(TimePoint now);
  void Reschedule();
  [[nodiscard]] bool IsIdle() const;
  void NoteIdleness();
  [[nodiscard]] TimePoint Due() const;

  const std::uint64_t id_;
  const Seat seat_;
  Fd socket_;
  WorkerContext& context_;
  State state_ = State::kReading;
  Interest interest_ = Interest::kRead;
  Framer framer_;
  Outbox outbox_;
  Request request_;
  Outgoing outgoing_;
  Timing timing_;
  std::uint64_t request_number_ = 0;
  bool was_admitted_ = false;               // with some request
  std::size_t held_ = 0;                    // granted by Service::MayHold
  std::string backlog_;                     // pipelined bytes behind the request in flight
  std::optional<TimePoint> waiting_since_;  // bytes wait in the kernel while a request is in flight
  TimePoint lingers_since_{};
  std::size_t discarded_ = 0;
  ClosedConnections::Link closed_link_{.id = id_};
};

}  // namespace common::http
