#include "common/http/service.h"

namespace common::http {

int DefaultStatus(HttpFault fault) {
  switch (fault) {
    case HttpFault::kMalformed:
      return 400;
    case HttpFault::kLengthRequired:
      return 411;
    case HttpFault::kHeadTooLarge:
      return 431;
    case HttpFault::kBodyTooLarge:
      return 413;
    case HttpFault::kHeadTooSlow:
    case HttpFault::kBodyTooSlow:
      return 408;
    case HttpFault::kTooManyConnections:
      return 429;
    case HttpFault::kOverloaded:
    case HttpFault::kAnswerTooLate:
    case HttpFault::kInternal:
      return 503;
  }
  return 503;
}

int Service::StatusOf(HttpFault fault, std::optional<std::uint32_t> /*tag*/) const noexcept {
  return DefaultStatus(fault);
}

}  // namespace common::http
