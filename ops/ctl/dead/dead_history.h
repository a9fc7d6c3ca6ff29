#pragma once

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/topics.h"
#include "ops/ctl/dead/dead_record.h"
#include "ops/ctl/records/callback_identity.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// The dead letters that were redriven before. The header `redrive` names them on `callbacks` and,
/// if they died again, on `callbacks.dead`. Dedup alone would remember a redrive only for the
/// provider's window, which may be an hour.
///
/// The name is a place in one life of `callbacks.dead`. A redrive from the same place in another
/// life has another fact or delivery, or is older than the letter.
///
/// Memory: some 100 bytes for each redrive.
class RedriveHistory {
 public:
  /// An empty history.
  RedriveHistory() = default;

  /// Reads both topics and shows the progress. The history is valid for letters that died at `from`
  /// or later, and incomplete after a stop.
  /// Errors: those of TopicScan.
  static common::Result<RedriveHistory> Read(const ClusterSettings& settings,
                                             std::optional<common::WallTime> from, Output& output,
                                             const std::stop_token& stop);

  /// `name`: RedriveName() of the letter.
  [[nodiscard]] bool Contains(const std::string& name, const DeadRecord& letter,
                              const common::ProviderTable& providers) const {
    return Find(name, letter, providers) != nullptr;
  }
  /// None: unknown, because the records of a redrive may have expired.
  [[nodiscard]] std::optional<RedrivenSince> SinceDeathOf(
      const std::string& name, const DeadRecord& letter,
      const common::ProviderTable& providers) const;

  /// The records of redrives before this time may have expired. None: no record has.
  [[nodiscard]] std::optional<common::WallTime> horizon() const { return horizon_; }
  [[nodiscard]] bool MayHaveForgotten(common::WallTime died) const {
    return horizon_ && died < *horizon_;
  }

 private:
  common::Result<void> Add(const ClusterSettings& settings, const std::string& topic,
                           std::optional<common::WallTime> from, Output& output,
                           const std::stop_token& stop);

  struct Redrive {
    common::Identity fact;
    DeliveryId delivery = 0;
    common::WallTime time{};
    bool has_died = false;  ///< The record is the next letter.
    common::RecordPosition at;
  };
  /// The last one, on `callbacks` if it is still there. Null: it was not redriven.
  [[nodiscard]] const Redrive* Find(const std::string& name, const DeadRecord& letter,
                                    const common::ProviderTable& providers) const;
  std::unordered_map<std::string, std::vector<Redrive>> redrives_;  ///< By name.
  std::optional<common::WallTime> horizon_;
  common::TopicNames topics_;
};

}  // namespace ctl
