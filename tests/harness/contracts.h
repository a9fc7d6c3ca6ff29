#pragma once

#include <string>

#include "tests/harness/pipeline.h"

namespace tests {

/// The output of ops/docs/contracts/check --strict for the committed records of all four topics.
/// Empty if every record is valid.
///
/// Time:   about 1 s for 2,000 records.
/// Errors: throws if the topics cannot be read, or if no record is there.
[[nodiscard]] std::string ContractBreaches(Pipeline& pipeline);

}  // namespace tests
