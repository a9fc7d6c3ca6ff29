#include "ingest/http/fault_situation.h"

namespace ingest {

using common::http::Fault;

Situation SituationOf(Fault fault) {
  switch (fault) {
    case Fault::kMalformed:
      return Situation::kMalformed;
    case Fault::kLengthRequired:
      return Situation::kLengthRequired;
    case Fault::kHeadTooLarge:
      return Situation::kHeadTooLarge;
    case Fault::kBodyTooLarge:
      return Situation::kBodyTooLarge;
    case Fault::kHeadTooSlow:
      return Situation::kHeadTooSlow;
    case Fault::kBodyTooSlow:
      return Situation::kBodyTooSlow;
    case Fault::kTooManyConnections:
      return Situation::kTooManyConnections;
    case Fault::kOverloaded:
      return Situation::kShed;
    case Fault::kAnswerTooLate:
      return Situation::kAnswerTooLate;
    case Fault::kInternal:
      return Situation::kInternalError;
  }
  return Situation::kInternalError;
}

std::uint32_t NoteOf(Situation situation) { return static_cast<std::uint32_t>(situation) + 1; }

Situation SituationOf(const common::http::AnswerReport& report) {
  return report.note == 0 ? Situation::kInternalError : static_cast<Situation>(report.note - 1);
}

}  // namespace ingest
