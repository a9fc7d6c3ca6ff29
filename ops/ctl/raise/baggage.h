#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "ops/ctl/kafka/topic_scan.h"
#include "ops/ctl/raise/copies.h"
#include "ops/ctl/raise/moves.h"
#include "ops/ctl/raise/raise_plan.h"
#include "ops/ctl/raise/raise_report.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// The records of one topic that go along when partitions are added: reads which of them belong to
/// another partition, then copies those there.
///
/// Lifetime: settings and output must outlive it.
/// Threads:  confined to one.
/// Errors:   those of TopicScan and RecordProducer; kRetry "interrupted" after a stop.
class Baggage {
 public:
  static common::Result<std::unique_ptr<Baggage>> Open(const ClusterSettings& settings,
                                                       Output& output, std::string topic,
                                                       CopyOf what, std::stop_token stop);

  /// Notes the records from that record time on. Earlier ones stay where they are.
  [[nodiscard]] common::Result<void> Read(common::WallTime from, const RaisePlan& plan);
  /// `oldest`: see OldestTimestamp(). Returns the number of copies.
  [[nodiscard]] common::Result<std::int64_t> Copy(std::optional<common::WallTime> oldest);

  [[nodiscard]] RaiseOutcome::Sum sum() const;
  [[nodiscard]] const std::optional<Moves>& moves() const { return moves_; }
  /// As read.
  [[nodiscard]] const Extents& extents() const { return extents_; }
  [[nodiscard]] TopicScan& scan() { return *scan_; }

 private:
  using Visit = std::function<bool(const ScannedRecord&)>;

  Baggage(const ClusterSettings& settings, Output& output, std::string topic, CopyOf what,
          std::stop_token stop);
  common::Result<void> VisitAll(const Visit& visit);
  [[nodiscard]] std::optional<std::uint32_t> HashOf(const ScannedRecord& record) const;

  const ClusterSettings& settings_;
  Output& output_;
  std::string topic_;
  CopyOf what_;
  std::stop_token stop_;
  std::unique_ptr<TopicScan> scan_;
  int partitions_ = 0;  ///< The larger number.
  Extents extents_;
  std::optional<Moves> moves_;  ///< Set once it was read.
};

}  // namespace ctl
