#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/identity.h"
#include "common/domain/provider_rules.h"
#include "common/domain/record_headers.h"
#include "common/domain/record_position.h"
#include "ops/ctl/erase/dossier_name.h"
#include "ops/ctl/erase/erase_report.h"
#include "ops/ctl/records/named_callback.h"

namespace ctl {

struct JudgedRecord {
  std::string_view key{};
  std::string_view value{};
  common::RecordHeaders headers{};
};

/// A callback, announcement or dead letter without a dossierId. Its key may yet turn out to be a
/// processId of the dossier.
struct OpenRecord {
  std::string key;
  std::vector<common::Identity> identities;  ///< Its markers may have.
  bool is_omitted = false;                   ///< A letter without its body.
};

/// Says which records name a dossier. Learns from each one what the others are found by, so judge
/// callbacks, results and announcements before dead letters, then the open ones again, and markers
/// last.
class NamingJudge {
 public:
  NamingJudge(const DossierName& dossier, const common::ProviderTable& providers)
      : dossier_(dossier), providers_(providers) {}

  [[nodiscard]] std::optional<NamingRecord::How> Judge(NamingRecord::What what,
                                                       const JudgedRecord& record);
  /// Learns from a record that names the dossier: its processId, and the identities whose markers
  /// it may have, or a redrive of it.
  void Learn(NamingRecord::What what, const std::string& topic, const common::RecordPosition& place,
             const JudgedRecord& record);

  /// None: it is not open. Call it with a record that does not name the dossier.
  [[nodiscard]] std::optional<OpenRecord> Open(NamingRecord::What what, const std::string& topic,
                                               const common::RecordPosition& place,
                                               const JudgedRecord& record) const;
  /// Once all others were judged. Learns from it if it is found.
  [[nodiscard]] std::optional<NamingRecord::How> JudgeAgain(const OpenRecord& open);

  /// Normalised.
  [[nodiscard]] const std::set<std::string>& processes() const { return processes_; }
  /// The rows of the callbacks, results and announcements that name the dossier.
  [[nodiscard]] const std::set<std::string>& rows() const { return rows_; }
  /// False: no marker can be found.
  [[nodiscard]] bool KnowsIdentities() const { return !identities_.empty(); }
  /// Dead letters without their bodies whose keys tell nothing.
  [[nodiscard]] std::size_t unjudged() const { return unjudged_; }

 private:
  [[nodiscard]] std::vector<common::Identity> IdentitiesOf(const std::string& topic,
                                                           const common::RecordPosition& place,
                                                           const JudgedRecord& record) const;

  void LearnRow(std::string_view provider);
  /// Such a result has four markers, see common/domain/reconciled.h.
  void LearnReconciled(const ResultName& name);

  const DossierName& dossier_;
  const common::ProviderTable& providers_;
  std::set<common::Identity> identities_;
  std::set<std::string> processes_;  ///< Normalised.
  std::set<std::string> rows_;
  std::size_t unjudged_ = 0;
};

/// A sentence: what cannot be found if no callback and no result is there any more. `end`: of a
/// marker that was written now.
[[nodiscard]] std::string AboutLostMarkers(const RecordEnd& end);
/// A sentence about NamingJudge::unjudged().
[[nodiscard]] std::string AboutUnjudged(std::size_t letters);

}  // namespace ctl
