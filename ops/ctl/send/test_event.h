#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/event_rules.h"
#include "ops/ctl/send/test_callback.h"

namespace ctl {

struct TestEvent {
  std::string id;
  std::string type;  ///< Empty: none.
  TestCallback fact;
};

/// A body in which a row finds the event's values at its pointers.
[[nodiscard]] std::string BodyOf(const TestEvent& event, const common::EventExtract& extract);

/// The headers that identify and sign a body, as the row's sender would.
/// Precondition: the row asks for a signature.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> FieldsOf(
    const TestEvent& event, const common::EventRules& rules, std::string_view key,
    std::string_view body, common::WallTime now);

}  // namespace ctl
