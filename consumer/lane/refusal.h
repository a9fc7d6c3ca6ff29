#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace consumer {

/// Why a topic refuses a record. The label `reason` of sluice_consumer_set_aside_total.
enum class RefusalReason {
  kTooLarge,      ///< Alone, or together with the records of its request.
  kInvalid,       ///< According to the broker.
  kTimestamp,     ///< Its time is too far from the broker's clock.
  kUnauthorized,  ///< We may not write to the topic.
  kUnavailable,   ///< The partition has no leader or too few replicas, or did not answer in time.
};

inline constexpr std::array kRefusalReasons = {
    RefusalReason::kTooLarge, RefusalReason::kInvalid, RefusalReason::kTimestamp,
    RefusalReason::kUnauthorized, RefusalReason::kUnavailable};

[[nodiscard]] std::string_view ToText(RefusalReason reason);

/// True if the partition refuses every record for now.
[[nodiscard]] bool ConcernsPartition(RefusalReason reason);

/// A broker refuses all records of a request together: not every record that it names is at fault.
struct Refusal {
  std::size_t position = 0;  ///< In the batch's records.
  RefusalReason reason = RefusalReason::kUnavailable;
  friend bool operator==(const Refusal&, const Refusal&) = default;
};

}  // namespace consumer
