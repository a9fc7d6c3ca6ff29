#pragma once

#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "common/domain/provider_rules.h"
#include "ops/ctl/erase/dossier_name.h"
#include "ops/ctl/erase/erase_report.h"

namespace ctl {

struct NamingSpooledCallbacks {
  std::vector<NamingSpooled> callbacks{};
  std::vector<std::string> gaps{};     ///< Spools that could not be read, in sentences.
  std::vector<std::string> remarks{};  ///< Sentences.
};

/// Reads the callbacks that wait in a spool, and the refused ones beside it. `path`: spool.path of
/// ingest.yaml, or the file of the refused ones. ingest may be running. `processes`: of the
/// dossier, normalised; a callback without a dossierId may have one. A stop is a gap.
[[nodiscard]] NamingSpooledCallbacks FindNamingSpooled(const std::string& path,
                                                       const DossierName& dossier,
                                                       const std::set<std::string>& processes,
                                                       const common::ProviderTable& providers,
                                                       const std::stop_token& stop);

}  // namespace ctl
