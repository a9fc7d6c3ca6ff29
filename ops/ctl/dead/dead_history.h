#pragma once

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "ops/ctl/dead/dead_record.h"
#include "ops/ctl/records/callback_identity.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// Which dead letters were redriven before: the header `redrive` names them on `callbacks`, and on
/// `callbacks.dead` where they died again. Dedup alone would remember it for the provider's window
/// only, an hour for some.
///
/// The name is a place in one life of `callbacks.dead`: a redrive of what lay there in another life
/// is that of another fact or delivery, or older than the letter.
///
/// Memory: some 100 bytes for each redrive.
class RedriveHistory {
 public:
  /// Knows of no redrive.
  RedriveHistory() = default;

  /// Reads both topics; of use for letters that died at `from` or later. Progress is shown. A stop
  /// leaves it incomplete.
  /// Errors: those of TopicScan.
  static common::Result<RedriveHistory> Read(const ClusterSettings& settings,
                                             std::optional<common::WallTime> from, Output& output,
                                             const std::stop_token& stop);

  /// `name`: RedriveName() of the letter.
  [[nodiscard]] bool Contains(const std::string& name, const DeadRecord& letter,
                              const common::ProviderTable& providers) const;

  /// Before it, redrives may have been made whose records have expired; none: none may.
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
  };
  std::unordered_map<std::string, std::vector<Redrive>> redrives_;  ///< By name.
  std::optional<common::WallTime> horizon_;
};

}  // namespace ctl
