#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/http/foreign_protocol.h"
#include "common/http/message.h"

namespace common::http {

/// The service's decision on a request, made on its head.
struct Admission {
  /// Refuses the request: sent instead of reading the body for the service. The server reads a
  /// short body away so that the connection can go on, or closes it.
  std::optional<Answer> refusal{};
  /// Kept with the request and handed back with each later call about it, so that what the head
  /// told (the route) need not be found out twice.
  std::uint32_t tag = 0;
  /// False: anybody could have sent this head. Until a known sender asks on the connection, the
  /// connection makes room for others, unless an answer is awaited on it.
  bool is_sender_known = true;
};

/// The end of one answer, for metrics.
struct AnswerReport {
  std::optional<std::uint32_t> tag{};  ///< Absent if the request was answered before Admit.
  std::optional<HttpFault> fault{};    ///< Set if the server made the answer (AnswerFault).
  int status = 0;
  std::uint32_t note = 0;  ///< Of the answer; 0 if the service could not make it.
  Ticket ticket{};         ///< Of the request; without a head, its number is kNoRequest.
  std::chrono::steady_clock::duration
      since_head{};  ///< Head read to answer written; 0 without a head.
};

/// Handles the requests of a Server.
///
/// Threads: each call comes from the worker thread that owns the connection; calls for different
///          connections come at the same time from several workers. No call may block.
/// Errors:  an exception that leaves Admit or Handle is answered as HttpFault::kInternal.
class Service {
 public:
  virtual ~Service() = default;

  virtual Admission Admit(const RequestHead& head) = 0;

  /// The server asks before it keeps `more` bytes of a request that is incomplete, or waits behind
  /// another one. `held`: the bytes granted so far with the same `tag`, which is absent before
  /// Admit. False: HttpFault::kOverloaded, and the server reads nothing more. It never asks about a
  /// request that comes in one piece.
  virtual bool MayHold(std::size_t /*held*/, std::size_t /*more*/,
                       std::optional<std::uint32_t> /*tag*/) {
    return true;
  }
  /// So many of the bytes granted with this tag are not held any more. Comes before Handle().
  virtual void Released(std::size_t /*bytes*/, std::optional<std::uint32_t> /*tag*/) {}

  /// A request that Admit() did not refuse is not being received any more: Handle() follows, or the
  /// request ends without. Comes once for each of them, an exception of Admit() apart.
  virtual void ReceptionEnded(std::uint32_t /*tag*/) {}

  /// Handles a complete request. Returns its answer, or nullopt if one call of Server::Complete
  /// with the ticket follows. `body` is valid during the call.
  virtual std::optional<Answer> Handle(const RequestHead& head, std::string_view body,
                                       std::uint32_t tag, const Ticket& ticket) = 0;

  /// Nobody waits for the answer any more: the client is gone, or the answer deadline has passed.
  /// Complete() would be in vain.
  virtual void Abandoned(const Ticket& /*ticket*/) {}

  /// The client of an admitted request has ended its connection, or its half of it, before it had
  /// an answer. One that is sent all the same is reported as others.
  virtual void ClientLeft(std::uint32_t /*tag*/) {}

  /// The answer for what the server decides by itself; `tag` is absent before Admit.
  virtual Answer AnswerFault(HttpFault fault, std::optional<std::uint32_t> tag) = 0;

  /// A connection began with another protocol; it is answered as HttpFault::kMalformed.
  virtual void Met(ForeignProtocol /*protocol*/) {}
  /// A connection was closed to make room for another one.
  virtual void ConnectionEvicted() {}

  /// The status of AnswerFault(), for when that throws: there may be no memory for an answer.
  [[nodiscard]] virtual int StatusOf(HttpFault fault,
                                     std::optional<std::uint32_t> tag) const noexcept;

  /// Called once for each answer, after its bytes were handed to the kernel or the client was gone.
  /// A request whose client left before there was an answer is not reported.
  virtual void Answered(const AnswerReport& /*report*/) {}
};

/// 400, 411, 431, 413, 408, 429, 503: for services that have no rules of their own.
[[nodiscard]] int DefaultStatus(HttpFault fault);

}  // namespace common::http
