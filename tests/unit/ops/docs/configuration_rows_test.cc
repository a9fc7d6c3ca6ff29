// Compares the rows of ops/docs/configuration.md that are not keys with the code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/config/kafka_settings.h"
#include "common/config/units.h"
#include "common/domain/provider_rules.h"
#include "ingest/policy/shedding.h"
#include "tests/unit/ops/docs/configuration_reference.h"

namespace tests {
namespace {

using common::config::FormatDuration;
using testing::ContainerEq;
using testing::IsEmpty;

TEST(ConfigurationReference, NamesTheRejectedKafkaProperties) {
  Keys documented;
  for (const TableRow& row : DocumentedUnder("## Kafka properties")) {
    documented.insert(row.at(1) + ": " + row.at(0) + ", " + row.at(2));
  }
  Keys refused;
  const auto add = [&](const std::string& program, const auto& properties) {
    for (const auto& [pattern, why] : properties) {
      std::string reason(why);
      std::erase(reason, '`');
      refused.insert(program + ": " + std::string(pattern) + ", " + reason);
    }
  };
  add("ingest", common::config::ForbiddenForIngest());
  add("consumer", common::config::ForbiddenForConsumer());
  EXPECT_THAT(documented, ContainerEq(refused));
}

/// A row with its schedule as a list, so that both notations compare equal.
std::string Describe(const common::ProviderRow& row) {
  std::string schedule;
  for (const auto attempt : row.retry_schedule) schedule += " " + FormatDuration(attempt);
  return row.name + " [" + Join(row.aliases) + "] " + std::to_string(row.transient_status) +
         (row.on_unavailable == common::OnUnavailable::kSpool ? " spool " : " refuse ") +
         FormatDuration(row.dedup_window) + schedule;
}

TEST(ConfigurationReference, HasTheBuiltInRowsOfProviders) {
  std::vector<std::string> documented;
  for (const TableRow& row : DocumentedUnder("## providers")) {
    const std::string yaml =
        "providers: { probe: { retry_schedule: " + (row.at(2).empty() ? "[]" : row.at(2)) +
        ", transient_status: " + row.at(3) + ", on_unavailable: " + row.at(4) +
        ", dedup_window: " + row.at(5) + " } }\n";
    const ingest::ConfigReading reading =
        ReadIngest("kafka: { bootstrap.servers: \"k:1\" }\n" + yaml);
    ASSERT_THAT(reading.problems, IsEmpty()) << yaml << reading.problems.front().message;
    common::ProviderRow probe = reading.config.providers[reading.config.providers.Resolve("probe")];
    probe.name = row.at(0);
    probe.aliases = SplitList(row.at(1));
    documented.push_back(Describe(probe));
  }
  const common::ProviderTable table;
  std::vector<std::string> built_in;
  for (const common::ProviderRow& row : table.rows()) {
    built_in.push_back(Describe(row));
  }
  std::ranges::sort(documented);
  std::ranges::sort(built_in);
  EXPECT_THAT(documented, ContainerEq(built_in));
}

TEST(ConfigurationReference, HasTheLoadShareOfEachRow) {
  Texts documented;
  for (const TableRow& row : DocumentedUnder("### Load")) {
    for (const std::string& name : SplitList(row.at(1))) {
      documented[name] = row.at(2).substr(0, row.at(2).find('%') + 1);
    }
  }
  const common::ProviderTable table;
  Texts shares;
  for (const common::ProviderRow& row : table.rows()) {
    const ingest::LoadBounds share = ShareOf(ingest::CostOfRefusing(row), {.max_requests = 100});
    shares[row.name] = std::to_string(share.max_requests) + " %";
  }
  EXPECT_THAT(documented, ContainerEq(shares));
}

}  // namespace
}  // namespace tests
