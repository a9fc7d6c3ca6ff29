#pragma once

#include <optional>

#include "common/base/rfc3339.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/policy/expected_policy.h"
#include "consumer/state/expected_table.h"

namespace consumer {

/// The answer about a process that an outcome without a finished one gives.
[[nodiscard]] LookAnswer AnswerOf(const FetchOutcome& outcome);

/// Applies the answer to the entry of the process that was asked for: it waits for its next look,
/// with the answer in its history. Returns how waiting ends, if it does; then the entry is
/// unchanged.
[[nodiscard]] std::optional<ExpectedEnd> Judge(const ExpectedPolicy& policy, ExpectedTable& table,
                                               ExpectedTable::Slot slot, LookAnswer answer,
                                               common::WallTime now);

}  // namespace consumer
