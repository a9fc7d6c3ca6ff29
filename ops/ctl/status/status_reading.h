#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

#include "common/base/error.h"
#include "ops/ctl/shell/arguments.h"
#include "ops/ctl/shell/settings.h"
#include "ops/ctl/status/status_facts.h"
#include "ops/ctl/status/status_kafka.h"
#include "ops/ctl/status/status_verdict.h"

namespace ctl {

/// How long one look at the status waits for an open transaction to end.
inline constexpr std::chrono::milliseconds kStatusPatience =
    threshold::kTransactionLife + std::chrono::seconds(1);

/// Asks the instances that `arguments` name, and Kafka. A failure of Kafka is in the facts.
[[nodiscard]] StatusFacts ReadStatus(StatusReader& reader, const ClusterSettings& settings,
                                     const Arguments& arguments, std::chrono::milliseconds patience,
                                     const std::stop_token& stop);

/// The error if nothing is known: neither Kafka nor an instance has answered.
[[nodiscard]] std::optional<common::Error> WhyNothingIsKnown(const StatusFacts& facts);

}  // namespace ctl
