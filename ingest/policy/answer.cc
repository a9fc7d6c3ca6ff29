#include "ingest/policy/answer.h"

namespace ingest {

Verdict AnswerFor(Situation situation, const common::ProviderRow& row) {
  const int transient = row.transient_status;
  switch (situation) {
    case Situation::kDurable:
    case Situation::kSpooled:
      return {.status = 200, .explanation = "stored\n"};
    case Situation::kUnavailable:
      return {.status = transient, .explanation = "not stored, send it again\n"};
    case Situation::kShed:
      return {.status = transient, .explanation = "too busy, send it again\n"};
    case Situation::kDraining:
      return {.status = transient, .close = true, .explanation = "stopping, send it again\n"};
    case Situation::kInternalError:
      return {.status = transient, .explanation = "internal error, send it again\n"};
    case Situation::kAnswerTooLate:
      return {.status = transient, .explanation = "not stored in time, send it again\n"};
    case Situation::kUnauthorized:
      return {.status = 401, .challenge = true, .explanation = "unauthorized\n"};
    case Situation::kOutsidePrefix:
      return {.status = 404, .explanation = "not found\n"};
    case Situation::kWrongMethod:
      // 405 would hold back all callbacks of a sender that penalises it.
      if (row.penalises_statuses) return {.status = 403, .explanation = "only POST is taken\n"};
      return {.status = 405, .allow_post = true, .explanation = "only POST is taken\n"};
    case Situation::kBodyTooLarge:
      return {.status = 413, .close = true, .explanation = "body too large\n"};
    case Situation::kHeadTooLarge:
      return {.status = 431, .close = true, .explanation = "head too large\n"};
    case Situation::kLengthRequired:
      return {.status = 411, .close = true, .explanation = "length required\n"};
    case Situation::kMalformed:
      return {.status = 400, .close = true, .explanation = "malformed request\n"};
    case Situation::kHeadTooSlow:
      return {.status = 408, .close = true, .explanation = "head incomplete\n"};
    case Situation::kBodyTooSlow:
      return {.status = 408, .close = true, .explanation = "body incomplete\n"};
    case Situation::kTooManyConnections:
      return {.status = 429, .close = true, .explanation = "too many connections\n"};
  }
  return {.status = transient, .explanation = "internal error, send it again\n"};
}

bool IsPenal(int status) {
  switch (status) {
    case 400:
    case 404:
    case 405:
    case 406:
    case 410:
    case 414:
    case 415:
      return true;
    default:
      return status >= 500;
  }
}

std::string_view NameOf(Situation situation) {
  switch (situation) {
    case Situation::kDurable:
      return "durable";
    case Situation::kSpooled:
      return "spooled";
    case Situation::kUnavailable:
      return "unavailable";
    case Situation::kShed:
      return "shed";
    case Situation::kDraining:
      return "draining";
    case Situation::kInternalError:
      return "internal_error";
    case Situation::kAnswerTooLate:
      return "answer_too_late";
    case Situation::kUnauthorized:
      return "unauthorized";
    case Situation::kOutsidePrefix:
      return "outside_prefix";
    case Situation::kWrongMethod:
      return "wrong_method";
    case Situation::kBodyTooLarge:
      return "body_too_large";
    case Situation::kHeadTooLarge:
      return "head_too_large";
    case Situation::kLengthRequired:
      return "length_required";
    case Situation::kMalformed:
      return "malformed";
    case Situation::kHeadTooSlow:
      return "head_too_slow";
    case Situation::kBodyTooSlow:
      return "body_too_slow";
    case Situation::kTooManyConnections:
      return "too_many_connections";
  }
  return "internal_error";
}

}  // namespace ingest
