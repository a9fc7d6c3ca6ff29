#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "ops/ctl/kafka/group_reader.h"
#include "ops/ctl/kafka/topic_scan.h"
#include "ops/ctl/raise/baggage.h"
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
  common::Result<void> Judge(bool must_know_all);
  common::Result<void> OpenBaggage(const WaitingCallbacks& waiting);
  common::Result<std::unique_ptr<Baggage>> Open(const std::string& topic, CopyOf what,
                                                common::WallTime from);
  [[nodiscard]] common::WallTime AnnouncedFrom() const;
  common::Result<void> MoveAnnouncements();
  common::Result<void> CheckAgain(std::int64_t copied);
  common::Result<void> AwaitQuiet();
  common::Result<void> Add(const std::string& topic);
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
  std::unique_ptr<Baggage> markers_;
  std::unique_ptr<Baggage> announcements_;  ///< Null: there is no such topic.
};

}  // namespace ctl
