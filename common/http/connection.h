#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/base/fd.h"
#include "common/http/answer_writer.h"
#include "common/http/idle_connections.h"
#include "common/http/lingering.h"
#include "common/http/message.h"
#include "common/http/population.h"
#include "common/http/reactor.h"
#include "common/http/request_reader.h"
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
/// The socket's events, the deadlines and the service's answers come here. RequestReader knows what
/// of a request is there, AnswerWriter what of an answer is under way, Lingering how it ends.
///
/// Threads: the worker's only.
class Connection final : public Timer, public IdlePlace {
 public:
  Connection(std::uint64_t id, Fd socket, Seat seat, WorkerContext& context);

  /// Answers HttpFault::kTooManyConnections and closes.
  void Refuse();

  void OnReadable();
  void OnWritable();
  void OnHangup() { Close(); }
  void OnTimer(TimePoint now) override;
  /// Closes it, unless a request has arrived meanwhile, be it answered already. True: it is closed.
  /// A request that is not whole is answered HttpFault::kTooManyConnections.
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

  // Reading.
  void Receive(std::string_view input);
  void ReadRequest(std::string_view& input);
  void OnHead();
  void OnRequest();
  void OnEndOfInput();
  void PauseReading();
  [[nodiscard]] bool HasEnded() const;
  void NoteLeft() noexcept;
  [[nodiscard]] Ticket TicketOfRequest() const;
  [[nodiscard]] Ticket TicketOfAnswer() const;
  void SendContinue();

  // Answering.
  void SendFault(HttpFault fault, bool close);
  void Send(Answer answer, std::optional<HttpFault> fault, bool close);
  void ExpectIdleness();
  void OnSent();
  void Report();
  void Resume();
  void Linger();

  // Waiting.
  void SetInterest(Interest interest);
  void Reschedule();
  [[nodiscard]] bool IsIdle() const;
  [[nodiscard]] bool MayMakeRoom() const;
  void NoteIdleness();
  void EnterIdle(bool goes_on);
  [[nodiscard]] TimePoint Due() const;
  void Expire(TimePoint now);
  void OnIdleTooLong(TimePoint now);

  const std::uint64_t id_;
  Seat seat_;
  Fd socket_;
  WorkerContext& context_;
  State state_ = State::kReading;
  Interest interest_ = Interest::kRead;
  RequestReader reader_;
  AnswerWriter writer_;
  Lingering lingering_;
  Timing timing_;
  std::optional<TimePoint> waiting_since_;  // bytes wait in the kernel while a request is in flight
  std::uint64_t noted_left_ = kNoRequest;   // whose client was noted to have left
  ClosedConnections::Link closed_link_{.id = id_};
};

}  // namespace common::http
