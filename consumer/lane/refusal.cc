#include "consumer/lane/refusal.h"

namespace consumer {

std::string_view ToText(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::kTooLarge:
      return "too_large";
    case RefusalReason::kInvalid:
      return "invalid";
    case RefusalReason::kTimestamp:
      return "timestamp";
    case RefusalReason::kUnauthorized:
      return "unauthorized";
    case RefusalReason::kUnavailable:
      return "unavailable";
  }
  return "";
}

bool ConcernsPartition(RefusalReason reason) {
  return reason != RefusalReason::kTooLarge && reason != RefusalReason::kInvalid;
}

}  // namespace consumer
