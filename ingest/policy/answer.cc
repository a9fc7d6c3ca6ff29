#include "ingest/policy/answer.h"

#include <algorithm>

namespace ingest {
namespace {

constexpr int kTransient = 0;  ///< The row's transient status.

/// A situation and everything that follows from it.
struct Row {
  Situation situation;
  std::string_view name;
  AnswerOutcome outcome;
  ProviderAnswer answer;
  int instead_of_penal = 0;  ///< Replaces `answer.status` for a sender that penalises it; 0: no
                             ///< replacement.
};

constexpr std::array kTable = {
    Row{Situation::kDurable,
        "durable",
        AnswerOutcome::kStored,
        {.status = 200, .explanation = "stored\n"}},
    Row{Situation::kSpooled,
        "spooled",
        AnswerOutcome::kSpooled,
        {.status = 200, .explanation = "stored\n"}},
    Row{Situation::kUnavailable,
        "unavailable",
        AnswerOutcome::kRefused,
        {.status = kTransient, .explanation = "not stored, send it again\n"}},
    Row{Situation::kShed,
        "shed",
        AnswerOutcome::kRefused,
        {.status = kTransient, .explanation = "too busy, send it again\n"}},
    Row{Situation::kDraining,
        "draining",
        AnswerOutcome::kRefused,
        {.status = kTransient, .close = true, .explanation = "stopping, send it again\n"}},
    Row{Situation::kInternalError,
        "internal_error",
        AnswerOutcome::kRefused,
        {.status = kTransient, .explanation = "internal error, send it again\n"}},
    Row{Situation::kAnswerTooLate,
        "answer_too_late",
        AnswerOutcome::kRefused,
        {.status = kTransient, .explanation = "not stored in time, send it again\n"}},
    Row{Situation::kUnauthorized,
        "unauthorized",
        AnswerOutcome::kUnauthorized,
        {.status = 401, .challenge = true, .explanation = "unauthorized\n"}},
    Row{Situation::kUnsigned,
        "unsigned",
        AnswerOutcome::kUnauthorized,
        {.status = 401, .challenge = true, .explanation = "signature missing\n"}},
    Row{Situation::kWrongSignature,
        "wrong_signature",
        AnswerOutcome::kUnauthorized,
        {.status = 401, .challenge = true, .explanation = "wrong signature\n"}},
    Row{Situation::kStaleSignature,
        "stale_signature",
        AnswerOutcome::kUnauthorized,
        {.status = 401, .challenge = true, .explanation = "signed at another time\n"}},
    Row{Situation::kOutsidePrefix,
        "outside_prefix",
        AnswerOutcome::kBadRequest,
        {.status = 404, .explanation = "not found\n"}},
    Row{Situation::kWrongMethod,
        "wrong_method",
        AnswerOutcome::kBadRequest,
        {.status = 405, .allow_post = true, .explanation = "only POST is allowed\n"},
        403},
    Row{Situation::kBodyTooLarge,
        "body_too_large",
        AnswerOutcome::kTooLarge,
        {.status = 413, .close = true, .explanation = "body too large\n"}},
    Row{Situation::kHeadTooLarge,
        "head_too_large",
        AnswerOutcome::kBadRequest,
        {.status = 431, .close = true, .explanation = "head too large\n"}},
    Row{Situation::kLengthRequired,
        "length_required",
        AnswerOutcome::kBadRequest,
        {.status = 411, .close = true, .explanation = "length required\n"}},
    Row{Situation::kMalformed,
        "malformed",
        AnswerOutcome::kBadRequest,
        {.status = 400, .close = true, .explanation = "malformed request\n"}},
    Row{Situation::kHeadTooSlow,
        "head_too_slow",
        AnswerOutcome::kTimedOut,
        {.status = 408, .close = true, .explanation = "head incomplete\n"}},
    Row{Situation::kBodyTooSlow,
        "body_too_slow",
        AnswerOutcome::kTimedOut,
        {.status = 408, .close = true, .explanation = "body incomplete\n"}},
    Row{Situation::kTooManyConnections,
        "too_many_connections",
        AnswerOutcome::kRefused,
        {.status = 429, .close = true, .explanation = "too many connections\n"}},
};
static_assert(std::ranges::equal(kTable, kAllSituations, {}, &Row::situation),
              "each situation has its row, in the order of the enumeration");

const Row& RowOf(Situation situation) { return kTable[static_cast<std::size_t>(situation)]; }

}  // namespace

ProviderAnswer AnswerFor(Situation situation, const common::ProviderRow& provider) {
  const Row& row = RowOf(situation);
  ProviderAnswer answer = row.answer;
  if (answer.status == kTransient) answer.status = provider.transient_status;
  if (row.instead_of_penal != 0 && provider.penalises_statuses) {
    answer.status = row.instead_of_penal;
    answer.allow_post = false;
  }
  return answer;
}

AnswerOutcome OutcomeOf(Situation situation) { return RowOf(situation).outcome; }

std::string_view NameOf(Situation situation) { return RowOf(situation).name; }

}  // namespace ingest
