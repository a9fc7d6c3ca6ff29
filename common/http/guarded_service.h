#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/http/message.h"
#include "common/http/service.h"
#include "common/http/stats.h"

namespace common::http {

/// The service, whose exceptions end here, counted.
///
/// Threads: one worker's.
class GuardedService {
 public:
  GuardedService(Service& service, Counter& exceptions)
      : service_(service), exceptions_(exceptions) {}

  /// None: it threw.
  std::optional<Admission> Admit(const RequestHead& head);
  /// False also if it threw.
  bool MayHold(std::size_t held, std::size_t more, std::optional<std::uint32_t> tag);
  void Released(std::size_t bytes, std::optional<std::uint32_t> tag);
  void ReceptionEnded(std::uint32_t tag);
  /// False: it threw.
  bool Handle(const RequestHead& head, std::string_view body, std::uint32_t tag,
              const Ticket& ticket, std::optional<Answer>& answer);
  void Abandoned(const Ticket& ticket) noexcept;
  void ClientLeft(std::uint32_t tag) noexcept;
  /// The status without body, if it threw.
  Answer AnswerFault(HttpFault fault, std::optional<std::uint32_t> tag);
  void Answered(const AnswerReport& report);
  void ConnectionEvicted();
  void Met(ForeignProtocol protocol);

 private:
  Service& service_;
  Counter& exceptions_;
};

}  // namespace common::http
