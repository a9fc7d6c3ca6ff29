#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "ops/ctl/audit/audit_ledger.h"

namespace ctl {

/// A full hour, so marker times are rounded up only where a test adds minutes.
inline constexpr common::WallTime kNoon{std::chrono::hours(24 * 20'000 + 12)};
inline constexpr std::chrono::hours kWindow{12};

inline common::Identity Fact(char name) {
  common::Identity identity;
  identity.bytes.fill(static_cast<std::uint8_t>(name));
  return identity;
}

inline std::string Describe(const AuditJudgement& judgement) {
  std::string text;
  for (const AuditFinding& finding : judgement.findings) {
    text += ToText(finding.offset);
    switch (finding.fault) {
      case AuditFault::kNoMarker:
        text += " has no marker; ";
        break;
      case AuditFault::kNoResult:
        text += " has no result; ";
        break;
      case AuditFault::kUnmarked:
        text += " is unmarked; ";
        break;
      case AuditFault::kSurplus:
        text += " is surplus to " + (finding.first ? ToText(*finding.first) : "another") + "; ";
        break;
      case AuditFault::kReconciledToo:
        text += " is reconciled, too; ";
        break;
    }
  }
  const auto count = [&](std::size_t number, const std::string& what) {
    if (number > 0) text += std::to_string(number) + " " + what + ", ";
  };
  count(judgement.disposed_of, "disposed of");
  count(judgement.duplicates, "duplicate");
  count(judgement.ignored, "ignored");
  count(judgement.handed_over, "handed over");
  count(judgement.expired, "expired");
  EXPECT_EQ(judgement.callbacks, judgement.disposed_of + judgement.duplicates + judgement.ignored +
                                     judgement.handed_over + judgement.expired + judgement.missing);
  return text.empty() ? text : text.substr(0, text.size() - 2);
}

/// Builds the ledger of one partition, whose range is the day of kNoon.
class AuditedPartition {
 public:
  AuditedPartition& Callback(std::int64_t offset, char fact,
                             std::chrono::milliseconds after_noon = std::chrono::milliseconds(0),
                             DeliveryId delivery = 0) {
    return Add({.offset = Offset(offset),
                .time = kNoon + after_noon,
                .is = {.identity = Fact(fact), .fact = Fact(fact), .delivery = delivery},
                .window = kWindow});
  }
  /// An event that is a duplicate by `fact` or by its own identity `event`.
  AuditedPartition& Event(std::int64_t offset, char fact, char event,
                          std::chrono::milliseconds after_noon = std::chrono::milliseconds(0),
                          std::chrono::seconds event_window = kWindow) {
    return Add({.offset = Offset(offset),
                .time = kNoon + after_noon,
                .is = {.identity = Fact(fact), .fact = Fact(fact)},
                .window = kWindow,
                .event = Fact(event),
                .event_window = event_window});
  }
  AuditedPartition& Ignored(char fact,
                            std::chrono::milliseconds after_noon = std::chrono::milliseconds(0)) {
    ledger_.AddMarker(Fact(fact), kNoon + after_noon, MarkedAs::kIgnored);
    return *this;
  }
  /// A callback from the spool: received, judged and marked `before` earlier than its record time.
  AuditedPartition& Spooled(std::int64_t offset, char fact, std::chrono::milliseconds after_noon,
                            std::chrono::milliseconds before) {
    return Add({.offset = Offset(offset),
                .time = kNoon + after_noon,
                .is = {.identity = Fact(fact), .fact = Fact(fact)},
                .window = kWindow,
                .judged_before = before,
                .marked_before = std::min<std::chrono::milliseconds>(before, kWindow)});
  }
  /// A callback of `fact` whose header `redrive` gives it the identity `identity`.
  AuditedPartition& Redriven(std::int64_t offset, char identity,
                             std::chrono::milliseconds after_noon, std::int64_t stands_for,
                             char fact = 'a', DeliveryId delivery = 0) {
    return Add({.offset = Offset(offset),
                .time = kNoon + after_noon,
                .is = {.identity = Fact(identity), .fact = Fact(fact), .delivery = delivery},
                .window = kWindow,
                .stands_for = Offset(stands_for)});
  }
  AuditedPartition& Marker(char fact,
                           std::chrono::milliseconds after_noon = std::chrono::milliseconds(0),
                           MarkedAs outcome = MarkedAs::kUnknown) {
    ledger_.AddMarker(Fact(fact), kNoon + after_noon, outcome);
    return *this;
  }
  /// A result of the callback at the offset, by default a minute after it.
  AuditedPartition& Outcome(std::int64_t offset,
                            std::optional<std::chrono::milliseconds> after_noon = {}) {
    const AuditLedger::Callback& callback = callbacks_.at(Offset(offset));
    return ResultOf(static_cast<char>(callback.is.fact.bytes[0]), offset,
                    after_noon.value_or(callback.time - kNoon + std::chrono::minutes(1)));
  }
  /// A result that names the offset, whichever callback is there.
  AuditedPartition& ResultOf(char fact, std::int64_t offset,
                             std::chrono::milliseconds after_noon = std::chrono::minutes(1),
                             DeliveryId delivery = 0) {
    ledger_.AddOutcome({.callback = Offset(offset),
                        .of = Fact(fact),
                        .delivery = delivery,
                        .at = kNoon + after_noon});
    return *this;
  }
  AuditedPartition& LetterOf(std::optional<char> identity, std::int64_t offset,
                             DeliveryId delivery = 0) {
    ledger_.AddOutcome({.callback = Offset(offset),
                        .of = identity ? std::optional(Fact(*identity)) : std::nullopt,
                        .is_result = false,
                        .delivery = delivery,
                        .at = kNoon + std::chrono::minutes(1)});
    return *this;
  }
  /// A result without a callback. `marked`: the fact under which it was marked, if another.
  AuditedPartition& Reconciled(char fact, std::chrono::milliseconds after_noon, char marked = 0) {
    ledger_.AddReconciled(
        {.of = Fact(fact), .marked = Fact(marked == 0 ? fact : marked), .at = kNoon + after_noon});
    return *this;
  }
  [[nodiscard]] std::string Judged() { return Describe(ledger_.Judge(horizon)); }

  AuditHorizon horizon;

 private:
  AuditedPartition& Add(const AuditLedger::Callback& callback) {
    ledger_.Add(callback);
    callbacks_[callback.offset] = callback;
    return *this;
  }

  std::map<Offset, AuditLedger::Callback> callbacks_;
  AuditLedger ledger_{
      {.from = kNoon - std::chrono::hours(12), .to = kNoon + std::chrono::hours(12)}};
};

}  // namespace ctl
