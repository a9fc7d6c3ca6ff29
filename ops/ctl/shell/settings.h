#pragma once

#include <string>

#include "common/base/result.h"
#include "common/domain/provider_rules.h"
#include "common/domain/topics.h"
#include "common/kafka/client_config.h"
#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// Which cluster, and what of it is Sluice's.
struct ClusterSettings {
  common::kafka::Properties kafka;
  common::TopicNames topics;
  std::string group = "sluice";
  common::ProviderTable providers;
  std::string admin_url;  ///< Of the instance that --config is for; empty: not known.
};

/// From --config, from --bootstrap, or both: then the address is that of --bootstrap.
/// Errors: kReject, one line for each mistake in the file.
[[nodiscard]] common::Result<ClusterSettings> ReadClusterSettings(const Arguments& arguments);

/// The rows of --config, an ingest.yaml or a consumer.yaml; without it the built-in ones.
/// Errors: as above.
[[nodiscard]] common::Result<common::ProviderTable> ReadProviderTable(const Arguments& arguments);

}  // namespace ctl
