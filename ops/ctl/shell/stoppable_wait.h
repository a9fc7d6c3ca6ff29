#pragma once

#include <stop_token>

#include "common/base/deadline.h"

namespace ctl {

/// Waits. True once a stop is requested; false at the deadline.
[[nodiscard]] bool WaitUntil(common::Deadline deadline, const std::stop_token& stop);

}  // namespace ctl
