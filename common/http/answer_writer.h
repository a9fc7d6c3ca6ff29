#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "common/base/fd.h"
#include "common/http/guarded_service.h"
#include "common/http/message.h"
#include "common/http/outbox.h"

namespace common::http {

/// Writes one answer at a time, and tells the service what became of it.
///
/// Threads: the worker's only.
class AnswerWriter {
 public:
  /// The context of an answer.
  struct About {
    std::optional<std::uint32_t> tag{};
    std::optional<HttpFault> fault{};  ///< Set if the server made the answer.
    bool closes = false;               ///< The connection ends behind it.
    bool http11 = true;
    bool without_body = false;  ///< The head tells of one all the same.
    Ticket ticket{};            ///< See AnswerReport.
  };

  /// `about.closes` is in force at once, whatever is thrown afterwards. The head is made in `head`.
  ///
  /// Errors: std::bad_alloc.
  void Prepare(const Answer& answer, const About& about, std::string& head);
  /// Sends the prepared answer. May move from both.
  Outbox::SendStatus Send(const Fd& socket, Answer& answer, std::string& head);
  Outbox::SendStatus Flush(const Fd& socket) { return outbox_.Flush(socket.get()); }
  /// Calls Service::Answered. `since_head` is 0 without a head.
  void Report(GuardedService& service, std::chrono::steady_clock::duration since_head) const;

  /// The connection ends behind the answer that is being written.
  void CloseAfterAnswer() { about_.closes = true; }
  [[nodiscard]] bool closes() const { return about_.closes; }
  /// See Outbox.
  [[nodiscard]] Outbox::TimePoint last_progress() const { return outbox_.last_progress(); }

 private:
  About about_;
  int status_ = 0;
  std::uint32_t note_ = 0;
  Outbox outbox_;
};

}  // namespace common::http
