#include "ingest/http/fault_situation.h"

namespace ingest {

using common::http::HttpFault;

Situation SituationOf(HttpFault fault) {
  switch (fault) {
    case HttpFault::kMalformed:
      return Situation::kMalformed;
    case HttpFault::kLengthRequired:
      return Situation::kLengthRequired;
    case HttpFault::kHeadTooLarge:
      return Situation::kHeadTooLarge;
    case HttpFault::kBodyTooLarge:
      return Situation::kBodyTooLarge;
    case HttpFault::kHeadTooSlow:
      return Situation::kHeadTooSlow;
    case HttpFault::kBodyTooSlow:
      return Situation::kBodyTooSlow;
    case HttpFault::kTooManyConnections:
      return Situation::kTooManyConnections;
    case HttpFault::kOverloaded:
      return Situation::kShed;
    case HttpFault::kAnswerTooLate:
      return Situation::kAnswerTooLate;
    case HttpFault::kInternal:
      return Situation::kInternalError;
  }
  return Situation::kInternalError;
}

std::uint32_t NoteOf(Situation situation) { return static_cast<std::uint32_t>(situation) + 1; }

Situation SituationOf(const common::http::AnswerReport& report) {
  return report.note == 0 ? Situation::kInternalError : static_cast<Situation>(report.note - 1);
}

}  // namespace ingest
