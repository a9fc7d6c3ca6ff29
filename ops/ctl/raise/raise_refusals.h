#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/rfc3339.h"
#include "ops/ctl/raise/raise_survey.h"

namespace ctl {

/// Why waiting callbacks forbid to add partitions; none: they do not. Pure. `is_resumed`:
/// `callbacks` has its new number already, so some may wait. `must_know_all`: none of them may be
/// in a partition that the new number does not give it.
[[nodiscard]] std::optional<std::string> WhyWaitingForbids(const WaitingCallbacks& waiting,
                                                           bool is_resumed, bool must_know_all);

/// Says that markers of unknown places forbid it until then. Pure.
[[nodiscard]] std::string WhyForgottenForbid(std::int64_t markers, common::WallTime until);

}  // namespace ctl
