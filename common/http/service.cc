#include "common/http/service.h"

namespace common::http {

int DefaultStatus(Fault fault) {
  switch (fault) {
    case Fault::kMalformed:
      return 400;
    case Fault::kLengthRequired:
      return 411;
    case Fault::kHeadTooLarge:
      return 431;
    case Fault::kBodyTooLarge:
      return 413;
    case Fault::kHeadTooSlow:
    case Fault::kBodyTooSlow:
      return 408;
    case Fault::kTooManyConnections:
      return 429;
    case Fault::kOverloaded:
    case Fault::kAnswerTooLate:
    case Fault::kInternal:
      return 503;
  }
  return 503;
}

int Service::StatusOf(Fault fault, std::optional<std::uint32_t> /*tag*/) const noexcept {
  return DefaultStatus(fault);
}

}  // namespace common::http
