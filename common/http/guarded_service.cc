#include "common/http/guarded_service.h"

namespace common::http {

std::optional<Admission> GuardedService::Admit(const RequestHead& head) {
  try {
    return service_.Admit(head);
  } catch (...) {
    exceptions_.Increment();
    return std::nullopt;
  }
}

bool GuardedService::MayHold(std::size_t held, std::size_t more, std::optional<std::uint32_t> tag) {
  try {
    return service_.MayHold(held, more, tag);
  } catch (...) {
    exceptions_.Increment();
    return false;
  }
}

void GuardedService::Released(std::size_t bytes, std::optional<std::uint32_t> tag) {
  try {
    service_.Released(bytes, tag);
  } catch (...) {
    exceptions_.Increment();
  }
}

void GuardedService::ReceptionEnded(std::uint32_t tag) {
  try {
    service_.ReceptionEnded(tag);
  } catch (...) {
    exceptions_.Increment();
  }
}

bool GuardedService::Handle(const RequestHead& head, std::string_view body, std::uint32_t tag,
                            const Ticket& ticket, std::optional<Answer>& answer) {
  try {
    answer = service_.Handle(head, body, tag, ticket);
    return true;
  } catch (...) {
    exceptions_.Increment();
    return false;
  }
}

void GuardedService::Abandoned(const Ticket& ticket) noexcept {
  try {
    service_.Abandoned(ticket);
  } catch (...) {
    exceptions_.Increment();
  }
}

void GuardedService::ClientLeft(std::uint32_t tag) noexcept {
  try {
    service_.ClientLeft(tag);
  } catch (...) {
    exceptions_.Increment();
  }
}

Answer GuardedService::AnswerFault(HttpFault fault, std::optional<std::uint32_t> tag) {
  try {
    return service_.AnswerFault(fault, tag);
  } catch (...) {
    exceptions_.Increment();
    return Answer{.status = service_.StatusOf(fault, tag)};
  }
}

void GuardedService::Met(ForeignProtocol protocol) {
  try {
    service_.Met(protocol);
  } catch (...) {
    exceptions_.Increment();
  }
}

void GuardedService::ConnectionEvicted() {
  try {
    service_.ConnectionEvicted();
  } catch (...) {
    exceptions_.Increment();
  }
}

void GuardedService::Answered(const AnswerReport& report) {
  try {
    service_.Answered(report);
  } catch (...) {
    exceptions_.Increment();
  }
}

}  // namespace common::http
