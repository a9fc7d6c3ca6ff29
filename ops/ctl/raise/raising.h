#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/record_headers.h"
#include "ops/ctl/kafka/group_reader.h"
#include "ops/ctl/kafka/topic_scan.h"
#include "ops/ctl/raise/moves.h"
#include "ops/ctl/raise/raise_plan.h"
#include "ops/ctl/raise/raise_report.h"
#include "ops/ctl/raise/raise_survey.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// Adds partitions, see raise.h.
///
/// Lifetime: settings, output and survey must outlive it.
/// Threads:  confined to one.
/// Errors:   those of RaiseSurvey and RecordProducer; kRetry "interrupted" after a stop. Whatever was
///           done by then stands, and need not be done again.
class Raising {
 public:
  Raising(const ClusterSettings& settings, Output& output, RaiseSurvey& survey,
          std::stop_token stop);

  /// Finds out what is to be copied, and whether something forbids it: then the outcome has
  /// refusals. Changes nothing. `must_know_all`: what does not say where it belongs forbids it.
  [[nodiscard]] common::Result<void> Prepare(RaisePlan plan, bool must_know_all);
  /// Precondition: Prepare() has found nothing that forbids it.
  [[nodiscard]] common::Result<void> Run();

  [[nodiscard]] RaiseOutcome& outcome() { return outcome_; }

 private:
  /// The records of one topic that go along.
  struct Baggage {
    std::string topic = {};
    std::optional<std::uint32_t> (*hash_of)(const ScannedRecord&) = nullptr;
    bool are_markers = false;  ///< Copies have the timestamps of their originals.
    std::unique_ptr<TopicScan> scan = nullptr;
    Extents extents = {};
    std::optional<Moves> moves = {};
  };
  using Visit = std::function<bool(const ScannedRecord&)>;

  void Judge(const WaitingCallbacks& waiting, bool must_know_all);
  void JudgeForgotten();
  common::Result<void> NoteBaggage(const WaitingCallbacks& waiting);
  common::Result<void> Note(Baggage& baggage, common::WallTime from);
  common::Result<void> ReadBaggage(Baggage& baggage, common::WallTime from);
  [[nodiscard]] common::WallTime AnnouncedFrom() const;
  common::Result<void> MoveAnnouncements();
  common::Result<void> CheckAgain(std::int64_t copied);
  common::Result<void> Read(Baggage& baggage, const Visit& visit);
  common::Result<void> AwaitQuiet();
  common::Result<void> Add(const std::string& topic);
  /// Returns the number of copies.
  common::Result<std::int64_t> Copy(Baggage& baggage);
  [[nodiscard]] common::WallTime TimestampFor(common::WallTime time) const;
  [[nodiscard]] common::RecordHeaders HeadersOfCopy(const ScannedRecord& record,
                                                    const Baggage& baggage) const;
  common::Result<void> CommitForNewNumber();
  common::Result<void> CountLate();

  const ClusterSettings& settings_;
  Output& output_;
  RaiseSurvey& survey_;
  std::stop_token stop_;
  RaiseOutcome outcome_;
  CommittedOffsets committed_;
  Extents ends_;  ///< Of `callbacks`, before anything was changed.
  std::optional<common::WallTime>
      oldest_timestamp_;  ///< That the brokers take on `callbacks.seen`.
  Baggage markers_;
  Baggage announcements_;
};

}  // namespace ctl
