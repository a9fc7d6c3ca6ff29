#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "common/config/expected_settings.h"
#include "common/domain/provider_rules.h"
#include "common/domain/topics.h"
#include "common/kafka/client_config.h"
#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// A cluster, and the names that Sluice uses on it.
struct ClusterSettings {
  common::kafka::Properties kafka;
  common::TopicNames topics;
  std::string group = "sluice";
  common::ProviderTable providers;  ///< No window is shorter than the wait of `expected`.
  /// How consumer watches for announced processes; none: it does not.
  std::optional<common::ExpectedSettings> expected;
  std::string admin_url;  ///< Of the instance that --config configures; empty: unknown.

  /// How long consumer remembers a handled callback, at least.
  [[nodiscard]] std::chrono::seconds DedupReach() const;
  /// How long consumer waits for an announced process; the default if that is not configured.
  [[nodiscard]] std::chrono::seconds ExpectedWait() const;
};

/// Reads --config, --bootstrap, or both; the address of --bootstrap takes precedence.
/// Errors: kReject, with one line for each mistake in the file; also for an ingest.yaml, which has
///         neither the group nor all topics.
[[nodiscard]] common::Result<ClusterSettings> ReadClusterSettings(const Arguments& arguments);

/// The provider rows of --config (an ingest.yaml or a consumer.yaml), by default the built-in ones.
struct ProviderSettings {
  common::ProviderTable table;
  /// Where the rows that the file names have their secrets: "inline", "file", "inline+file",
  /// "none", or "open", which is auth: none; "signature", alone or after a "+", if the row asks for
  /// one. Empty unless the file is an ingest.yaml.
  std::optional<std::map<std::string, std::string>> secrets;
};
/// Errors: as above.
[[nodiscard]] common::Result<ProviderSettings> ReadProviderSettings(const Arguments& arguments);

}  // namespace ctl
