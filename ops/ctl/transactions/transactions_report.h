#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"
#include "ops/ctl/transactions/transactions_survey.h"

namespace ctl {

/// No transaction of a living instance is open for longer: twice its timeout plus the time until
/// Kafka notices.
constexpr std::chrono::seconds kLivingFor{60};

[[nodiscard]] bool IsForgotten(const UnendedTransaction& open, common::WallTime now);
[[nodiscard]] bool IsForgotten(const PendingOffset& pending);
/// True if any of them is.
[[nodiscard]] bool HasForgotten(const TransactionsSurvey& survey, common::WallTime now);

/// Why `open` must not be ended. None: it may be ended by its verdict. `all`: the open transactions
/// of the same partition.
[[nodiscard]] std::optional<std::string> ReasonNotToEnd(const UnendedTransaction& open,
                                                        const std::vector<UnendedTransaction>& all,
                                                        common::WallTime now);

[[nodiscard]] std::string RenderText(const TransactionsSurvey& survey, common::WallTime now);
[[nodiscard]] std::string RenderJson(const TransactionsSurvey& survey, common::WallTime now);

}  // namespace ctl
