#pragma once

#include <chrono>
#include <span>

#include "common/config/file_reads.h"
#include "ingest/credentials.h"

namespace ingest {

/// How long the files have to answer, from the begin of a reload. Longer than ReadFile() waits for
/// a pipe.
inline constexpr std::chrono::milliseconds kLongestSecretRead{3'000};

/// Reads the secret files of the stores again, all at once. A row has its new values as soon as its
/// own files have answered. It keeps the old ones if one of them is missing, unreadable or empty,
/// or has not answered in time; all rows that have not answered yet keep them if memory runs out.
/// False: at least one row kept them, which was reported. The caller reports success.
///
/// Time: at most `longest`, whatever the files' disks do.
bool ReloadSecrets(std::span<CredentialStore* const> stores, common::config::FileReads& reads,
                   SecretsEvents& events, std::chrono::milliseconds longest = kLongestSecretRead);

}  // namespace ingest
