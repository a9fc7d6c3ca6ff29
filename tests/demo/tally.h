#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/harness/pipeline.h"

namespace demo {

inline constexpr const char* kDisposed = "sluice_consumer_callbacks_total";
inline constexpr const char* kLost = "sluice_consumer_callbacks_lost_total";
inline constexpr const char* kEvents = "events";  ///< The provider whose deliveries are events.

/// All providers of the demo, in the order of the table.
[[nodiscard]] const std::vector<std::string>& Providers();

struct ProviderTally {
  std::int64_t callbacks = 0;
  std::int64_t deliveries = 0;            ///< On the topic.
  std::optional<std::int64_t> removed{};  ///< nullopt: the other deliveries.
  std::int64_t ignored = 0;               ///< Events that are to have no result.
  std::int64_t unsent = 0;                ///< Of the callbacks: announced, and never sent.
  std::int64_t reconciled = 0;            ///< Of the results: without a callback.
  std::int64_t results = 0;
  std::optional<std::int64_t> lost{};  ///< As consumer counts. nullopt: unknown.
};
using Tally = std::map<std::string, ProviderTally>;

/// Counts the callbacks, and the records on the topics.
[[nodiscard]] Tally CountByProvider(tests::Pipeline& pipeline, const tests::Delivered& delivered);

/// Sets the removed redeliveries and the lost callbacks from consumer's metrics. `admin` is the
/// address of its admin port.
void CountRemoved(const std::string& admin, Tally& tally);

/// One line per provider and one for all.
[[nodiscard]] std::string ToTable(const Tally& tally);

}  // namespace demo
