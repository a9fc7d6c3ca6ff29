#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/harness/pipeline.h"

namespace demo {

inline constexpr const char* kDisposed = "sluice_consumer_callbacks_total";

/// In the order of the table.
[[nodiscard]] const std::vector<std::string>& Providers();

struct ProviderTally {
  std::int64_t callbacks = 0;
  std::int64_t deliveries = 0;            ///< On the topic.
  std::optional<std::int64_t> removed{};  ///< nullopt: deliveries without results.
  std::int64_t results = 0;
};
using Tally = std::map<std::string, ProviderTally>;

/// What was sent, and what is on the topics.
[[nodiscard]] Tally CountByProvider(tests::Pipeline& pipeline, const tests::Delivered& delivered);

/// Sets what consumer, whose admin port this is, says of removed redeliveries.
void CountRemoved(const std::string& admin, Tally& tally);

/// A line for each provider and one for all, with empty lines around them.
[[nodiscard]] std::string ToTable(const Tally& tally);

}  // namespace demo
