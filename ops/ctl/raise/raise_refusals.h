#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/rfc3339.h"
#include "ops/ctl/raise/raise_survey.h"

namespace ctl {

/// What forbids to add partitions, as far as callbacks that wait do; none: nothing. Pure.
/// `is_resumed`: `callbacks` has its new number already, so some may wait. `must_know_all`: none of
/// them may be in a partition that the new number does not give it.
[[nodiscard]] std::optional<std::string> WhyWaitingForbids(const WaitingCallbacks& waiting,
                                                           bool is_resumed, bool must_know_all);

/// That markers which do not say where they belong forbid it until then. Pure.
[[nodiscard]] std::string WhyForgottenForbid(std::int64_t markers, common::WallTime until);

}  // namespace ctl
