#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "common/domain/identity.h"
#include "common/domain/provider_rules.h"
#include "common/domain/record_headers.h"
#include "common/domain/record_position.h"
#include "ops/ctl/erase/dossier_name.h"
#include "ops/ctl/erase/erase_report.h"

namespace ctl {

struct JudgedRecord {
  std::string_view key{};
  std::string_view value{};
  common::RecordHeaders headers{};
};

/// Says which records name a dossier. Learns from each one what the others are found by, so judge
/// callbacks and results before dead letters, and markers last.
class NamingJudge {
 public:
  NamingJudge(const DossierName& dossier, const common::ProviderTable& providers)
      : dossier_(dossier), providers_(providers) {}

  [[nodiscard]] std::optional<NamingRecord::How> Judge(NamingRecord::What what,
                                                       const JudgedRecord& record);
  /// Learns from a record that names the dossier: its processId, and the identities whose markers it
  /// may have, or a redrive of it.
  void Learn(NamingRecord::What what, const std::string& topic, const common::RecordPosition& place,
             const JudgedRecord& record);

  /// False: no marker can be found.
  [[nodiscard]] bool KnowsIdentities() const { return !identities_.empty(); }
  /// Dead letters without their bodies whose keys tell nothing.
  [[nodiscard]] std::size_t unjudged() const { return unjudged_; }

 private:
  const DossierName& dossier_;
  const common::ProviderTable& providers_;
  std::set<common::Identity> identities_;
  std::set<std::string> processes_;  ///< Normalised.
  std::size_t unjudged_ = 0;
};

/// A sentence: what cannot be found if no callback and no result is there any more. `end`: of a
/// marker that was written now.
[[nodiscard]] std::string AboutLostMarkers(const RecordEnd& end);
/// A sentence about NamingJudge::unjudged().
[[nodiscard]] std::string AboutUnjudged(std::size_t letters);

}  // namespace ctl
