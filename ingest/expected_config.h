#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/config/document.h"
#include "common/domain/provider_rules.h"
#include "ingest/credentials.h"
#include "ingest/policy/authenticity.h"

namespace ingest {

/// `expected:` of ingest.yaml: the route of announcements.
struct ExpectedConfig {
  std::string path{};  ///< Without a trailing "/".
  CredentialSource source{};
  Credentials credentials{};  ///< Loaded from the source.
};

/// None: it is off. `path_prefix`: where callbacks are received.
[[nodiscard]] std::optional<ExpectedConfig> ReadExpected(const common::config::Section& root,
                                                         const std::string& path_prefix);

/// Doubts a secret that `expected` shares with a provider's row: the provider could announce
/// processes, and the announcing application could send callbacks. `credentials` have the table's
/// indices.
void DoubtSharedSecrets(const common::config::Section& root, const ExpectedConfig& expected,
                        const common::ProviderTable& providers,
                        const std::vector<Credentials>& credentials);

}  // namespace ingest
