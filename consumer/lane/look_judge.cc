#include "consumer/lane/look_judge.h"

#include <cstdint>
#include <variant>

namespace consumer {
namespace {

using common::WallTime;

LookHistory HistoryOf(const ExpectedEntry& entry) {
  LookHistory history{.announced_at = entry.announced_at,
                      .within = std::chrono::milliseconds(entry.within_ms),
                      .looks = entry.looks,
                      .failures = entry.failures};
  if (entry.missing_since != WallTime{}) history.missing_since = entry.missing_since;
  return history;
}

void Count(std::uint8_t& counter) {
  if (counter < UINT8_MAX) ++counter;
}

void Record(ExpectedEntry& entry, LookAnswer answer, WallTime now) {
  const bool is_missing = answer == LookAnswer::kMissing;
  if (!is_missing) entry.missing_since = {};
  if (is_missing && entry.missing_since == WallTime{}) entry.missing_since = now;
  if (answer == LookAnswer::kUnfinished) Count(entry.looks);
  if (answer == LookAnswer::kFailed) {
    Count(entry.failures);
  } else {
    entry.failures = 0;
  }
}

}  // namespace

LookAnswer AnswerOf(const FetchOutcome& outcome) {
  const auto* found = std::get_if<NotFinished>(&outcome);
  if (found == nullptr) return LookAnswer::kFailed;
  switch (found->why) {
    case Reaction::kAwait:
      return LookAnswer::kUnfinished;
    case Reaction::kRetryMissing:
      return LookAnswer::kMissing;
    case Reaction::kGone:
      return LookAnswer::kGone;
    default:
      return LookAnswer::kFailed;
  }
}

std::optional<ExpectedEnd> Judge(const ExpectedPolicy& policy, ExpectedTable& table,
                                 ExpectedTable::Slot slot, LookAnswer answer, WallTime now) {
  ExpectedEntry& entry = table.At(slot);
  const LookDecision decision = policy.Decide(answer, HistoryOf(entry), now);
  if (const auto* end = std::get_if<ExpectedEnd>(&decision)) return *end;
  Record(entry, answer, now);
  table.Postpone(slot, std::get<LookAgain>(decision).at);
  return std::nullopt;
}

}  // namespace consumer
