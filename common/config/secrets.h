#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/config/section.h"

namespace common::config {

// No message contains a secret.

/// Reads a secret from `key` itself, or from the file that `key`_file names; setting both is a
/// mistake. Returns false if there is none, or if it is invalid, which it reports.
bool ReadSecret(const Section& section, std::string_view key, std::string& out);
/// The same, but the absence of both keys is a mistake.
bool RequireSecret(const Section& section, std::string_view key, std::string& out);
/// Reads a list of secrets that stand in the configuration itself.
bool ReadSecrets(const Section& section, std::string_view key, std::vector<std::string>& out);

}  // namespace common::config
