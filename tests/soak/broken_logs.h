#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace soak {

// The effects of a power cut on the logs of a broker without a replica. The broker must not run.

/// Cuts the last batch of each log of the topic short. The broker removes the batch at its start.
void CutLastBatches(const std::filesystem::path& data, const std::string& topic);

/// Empties the log of a partition.
void EmptyLog(const std::filesystem::path& data, const std::string& topic, int partition);

/// Rewrites log-start-offset-checkpoint: the topic's partitions begin at these offsets, and its
/// other partitions at 0.
///
///   checkpoint := "0" LF count LF (topic SP partition SP offset LF)*
[[nodiscard]] std::string WithBegins(const std::string& checkpoint, const std::string& topic,
                                     const std::map<int, std::int64_t>& begins);

}  // namespace soak
