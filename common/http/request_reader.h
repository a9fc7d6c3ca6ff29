#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/http/framer.h"
#include "common/http/guarded_service.h"
#include "common/http/message.h"
#include "common/http/server.h"

namespace common::http {

/// Reads one request after the other from the bytes of a connection, has the service admit and
/// handle each, and keeps, as far as the service allows, what is not whole or whose turn has not
/// come. Knows neither socket nor clock.
///
/// Threads: the worker's only.
class RequestReader {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  enum class Step {
    kMore,     ///< All input is taken in; see MustContinue().
    kHead,     ///< The head is whole: call Admit().
    kRequest,  ///< An admitted request is whole: call Handle() or Forget().
    kSkipped,  ///< The body of a refused request is over, and so is the request.
    kFault,    ///< fault() says what is wrong; nothing sensible can follow on this connection.
  };

  RequestReader(const ServerOptions& options, GuardedService& service)
      : service_(service), framer_(options.max_head, options.max_body) {}

  /// Forgets the request that was answered. Precondition: AtStart().
  void Begin() { request_ = {}; }
  /// Takes from the front of `input` what belongs to the current request. All of it on kMore.
  Step Read(std::string_view& input);
  /// False: the service threw. A refused request's body is skipped, if the connection goes on.
  bool Admit(TimePoint first_byte, std::optional<Answer>& refusal);
  /// False: the service threw. The request's bytes are given back.
  bool Handle(const Ticket& ticket, std::optional<Answer>& answer);
  /// Gives the bytes of the current request back, unhandled.
  void Forget();

  /// Keeps what came behind a request that is not answered yet. False: it may not be kept, and the
  /// connection must end with that answer; a client asks again what was not answered on a
  /// connection that is closed.
  bool Keep(std::string_view input);
  /// Returns the bytes of Keep(), and forgets them.
  [[nodiscard]] std::string TakeKept();
  /// Nothing more is read here: what is there of further requests is given back.
  void Drop();
  /// Gives back what the service granted.
  void Release();

  /// The client waits for "100 Continue"; true once for a request.
  [[nodiscard]] bool MustContinue();
  [[nodiscard]] bool HasKept() const { return !kept_.empty(); }
  /// Between requests: no byte of the next one is there yet.
  [[nodiscard]] bool AtStart() const { return framer_.AtStart(); }
  [[nodiscard]] bool InHead() const { return framer_.InHead(); }
  [[nodiscard]] bool InBody() const { return framer_.InBody(); }
  [[nodiscard]] bool IsSkipping() const { return framer_.IsSkipping(); }
  [[nodiscard]] HttpFault fault() const { return fault_; }

  /// Counts the requests of the connection whose head has come.
  [[nodiscard]] std::uint64_t number() const { return number_; }
  /// Some request of this connection was admitted.
  [[nodiscard]] bool has_admitted() const { return has_admitted_; }
  /// The sender of some request of this connection was known by its head.
  [[nodiscard]] bool knows_sender() const { return knows_sender_; }

  // Of the current request, or the one that was just answered.
  [[nodiscard]] std::optional<std::uint32_t> tag() const { return request_.tag; }
  [[nodiscard]] bool has_head() const { return request_.has_head; }
  [[nodiscard]] bool is_refused() const { return request_.is_refused; }
  [[nodiscard]] bool wants_no_body() const { return request_.wants_no_body; }
  [[nodiscard]] bool is_http11() const { return !request_.has_head || framer_.framing().http11; }
  /// Another request may follow on this connection.
  [[nodiscard]] bool MayContinue() const;

 private:
  struct Request {
    std::optional<std::uint32_t> tag;
    bool has_head = false;
    bool wants_no_body = false;  // HEAD
    bool is_continued = false;
    bool is_receiving = false;  // admitted, and the service was not told yet that this is over
    bool is_refused = false;    // answered already, the body is being skipped
    bool is_last = false;       // what comes behind it is not read
  };

  // The bytes that Service::MayHold has granted with one tag.
  struct Holding {
    std::size_t bytes = 0;
    std::optional<std::uint32_t> tag{};
  };

  void Refuse();
  void EndReception();
  Step Fail(HttpFault fault);
  void NoteForeignProtocol();
  bool Account();
  void Shrink(Holding& holding, std::size_t bytes);
  bool Grow(Holding& holding, std::size_t bytes);

  GuardedService& service_;
  Framer framer_;
  HttpFault fault_ = HttpFault::kMalformed;
  Request request_;
  bool has_admitted_ = false;
  bool knows_sender_ = false;
  std::uint64_t number_ = 0;
  Holding unjudged_;  // of requests that are not admitted yet: a head, or what came behind
  Holding judged_;    // of the admitted one
  std::string kept_;  // pipelined bytes behind the request in flight
};

}  // namespace common::http
