#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/file_reads.h"

namespace consumer {

/// The file of an account's client secret; empty: the secret stands in the configuration.
struct SecretFile {
  std::string account;
  std::string path;
};

struct SecretTakers {
  std::function<void(std::size_t account, const std::string& secret)> take;
  std::function<void(std::string_view account, std::string_view why)> keep_old;
};

/// Reads the files again, side by side: one that hangs, or is missing, holds up no other account.
/// `reads` must read as common::config::ReadSecretFile() does. True if all were read within
/// `longest`.
bool ReloadSecrets(const std::vector<SecretFile>& files, common::config::FileReads& reads,
                   std::chrono::milliseconds longest, const SecretTakers& takers);

}  // namespace consumer
