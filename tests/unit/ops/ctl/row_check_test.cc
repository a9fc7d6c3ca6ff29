#include "ops/ctl/audit/row_check.h"

#include <gtest/gtest.h>

#include <string>

namespace ctl {
namespace {

TEST(RowCheck, FindsRecordsWhoseRowIsMissing) {
  common::ProviderRow events{.name = "hooks", .dedup_window = std::chrono::hours(48)};
  events.events.emplace();
  const common::ProviderTable rows(
      {{.name = "onfido", .dedup_window = std::chrono::hours(12)}, events});
  const struct {
    const char* what;
    common::RecordHeaders headers;
    bool lacks_in_built_in;
    bool lacks_in_file;
  } kCases[] = {
      {"a row", {{"provider", "onfido"}}, false, false},
      {"a row in another case", {{"provider", "Onfido"}}, false, false},
      {"the row unknown", {{"provider", "unknown"}}, false, false},
      {"no provider", {}, false, false},
      {"a provider without a row", {{"provider", "assure-events"}}, true, false},
      {"an event", {{"provider", "hooks"}, {"event-id", "msg_1"}}, false, false},
      {"an event whose row is of callbacks",
       {{"provider", "onfido"}, {"event-id", "1"}},
       true,
       true},
      {"an event without a row", {{"provider", "others"}, {"event-id", "1"}}, true, true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(LacksRow(c.headers, rows, RowSource::kBuiltIn), c.lacks_in_built_in);
    EXPECT_EQ(LacksRow(c.headers, rows, RowSource::kFile), c.lacks_in_file);
  }
}

}  // namespace
}  // namespace ctl
