#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"
#include "ops/ctl/transactions/transactions_survey.h"

namespace ctl {

/// Longer than any transaction of a living instance can be open: twice its timeout and the time
/// that Kafka takes to see it.
constexpr std::chrono::seconds kLivingFor{60};

[[nodiscard]] bool IsForgotten(const UnendedTransaction& open, common::WallTime now);

/// Why it must not be ended; none: it may be, as its verdict says. `all`: what is open on the same
/// partition.
[[nodiscard]] std::optional<std::string> WhyNotToEnd(const UnendedTransaction& open,
                                                     const std::vector<UnendedTransaction>& all,
                                                     common::WallTime now);

[[nodiscard]] std::string RenderText(const TransactionsSurvey& survey, common::WallTime now);
[[nodiscard]] std::string RenderJson(const TransactionsSurvey& survey, common::WallTime now);

}  // namespace ctl
