#pragma once

#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "ops/ctl/erase/dossier_name.h"
#include "ops/ctl/erase/erase_report.h"
#include "ops/ctl/shell/progress.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

struct NamingSearch {
  const DossierName& dossier;
  std::optional<common::WallTime> from{};  ///< Record time; none: all that the topics keep.
  std::stop_token stop{};
};

struct NamingRecords {
  std::vector<NamingRecord> records{};  ///< By topic, partition and offset; at most kMost.
  std::vector<std::string> gaps{};      ///< Topics that could not be read, in sentences.
  std::vector<std::string> remarks{};   ///< Sentences: what could not be judged.
  std::set<std::string> processes{};    ///< Of the dossier, normalised.
  std::set<std::string> rows{};         ///< Of the providers that report about it.
  static constexpr std::size_t kMost = 100'000;
};

/// Reads all topics whole: callbacks, results, announcements, dead letters, and the markers of
/// those that it has found. Also records of aborted and open transactions, since the log holds them
/// as long as others.
///
/// Errors: kRetry if no broker answers, or "interrupted".
[[nodiscard]] common::Result<NamingRecords> FindNamingRecords(const ClusterSettings& settings,
                                                              const NamingSearch& search,
                                                              Progress& progress);

}  // namespace ctl
