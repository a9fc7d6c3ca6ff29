// Compares ops/docs/contracts with tables in the code. contracts.py compares the rest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <array>
#include <set>
#include <string>
#include <vector>

#include "common/domain/dead_letter.h"
#include "common/domain/marker.h"
#include "common/domain/provider_rules.h"
#include "consumer/state/result_record.h"
#include "ingest/policy/answer.h"
#include "tests/harness/process.h"

namespace tests {
namespace {

using ingest::AnswerFor;
using ingest::Situation;
using testing::ElementsAreArray;

/// A contract; JSON is YAML as well.
YAML::Node Contract(const std::string& name) {
  return YAML::LoadFile(SourcePath("ops/docs/contracts/" + name));
}

/// Answered before the provider is known, by the row `unknown`.
constexpr std::array kBeforeTheRoute = {Situation::kMalformed,   Situation::kHeadTooLarge,
                                        Situation::kHeadTooSlow, Situation::kTooManyConnections,
                                        Situation::kShed,        Situation::kInternalError};

/// The statuses that a request below the prefix can get.
std::set<int> StatusesOf(const common::ProviderRow& row, const common::ProviderRow& unknown,
                         bool is_post) {
  std::set<int> statuses;
  for (const Situation situation : kBeforeTheRoute) {
    statuses.insert(AnswerFor(situation, unknown).status);
  }
  if (!is_post) {
    statuses.insert(AnswerFor(Situation::kWrongMethod, row).status);
    return statuses;
  }
  for (const Situation situation : ingest::kAllSituations) {
    if (situation == Situation::kWrongMethod || situation == Situation::kOutsidePrefix) continue;
    statuses.insert(AnswerFor(situation, row).status);
  }
  return statuses;
}

std::set<int> StatusesIn(const YAML::Node& operation) {
  std::set<int> statuses;
  for (const auto& response : operation["responses"]) statuses.insert(response.first.as<int>());
  return statuses;
}

/// The paths of a row in the contract.
std::vector<std::string> PathsOf(const common::ProviderRow& row) {
  if (row.name == common::kUnknownProvider) return {"/callbacks", "/callbacks/{unknown}"};
  std::vector<std::string> paths{"/callbacks/" + row.name};
  for (const std::string& alias : row.aliases) paths.push_back("/callbacks/" + alias);
  return paths;
}

TEST(IngestContract, HasTheStatusesOfTheAnswerTableForEachPathAndMethod) {
  const common::ProviderTable table;
  const YAML::Node paths = Contract("ingest.openapi.yaml")["paths"];
  std::size_t described = 0;
  for (const common::ProviderRow& row : table.rows()) {
    for (const std::string& path : PathsOf(row)) {
      const YAML::Node item = paths[path];
      ASSERT_TRUE(item) << path;
      ++described;
      for (const char* method :
           {"post", "get", "head", "options", "put", "patch", "delete", "trace"}) {
        const auto expected = StatusesOf(row, table.rows().front(), method == std::string("post"));
        EXPECT_EQ(StatusesIn(item[method]), expected) << method << " " << path;
      }
    }
  }
  // The route of announcements answers as a row without rules of its own.
  for (const char* method : {"post", "get", "head", "options", "put", "patch", "delete", "trace"}) {
    const auto expected = StatusesOf({}, table.rows().front(), method == std::string("post"));
    EXPECT_EQ(StatusesIn(paths["/expected"][method]), expected) << method << " /expected";
  }
  EXPECT_EQ(paths.size(), described + 1) << "a path that belongs to no row";
}

TEST(DeadLetterContract, KnowsTheReasonsOfTheCode) {
  std::vector<std::string> reasons;
  reasons.reserve(common::kDeadReasons.size());
  for (const common::DeadReason reason : common::kDeadReasons) {
    reasons.emplace_back(ToText(reason));
  }
  const YAML::Node known =
      Contract("dead-letter-headers.schema.json")["properties"]["dead.reason"]["x-known"];
  EXPECT_THAT(known.as<std::vector<std::string>>(), ElementsAreArray(reasons));
}

TEST(ResultContract, RequiresOnlyHeadersThatEveryResultHas) {
  const YAML::Node required = Contract("result-headers.schema.json")["required"];
  ASSERT_GT(required.size(), 0U);
  for (const auto& result :
       {consumer::MakeResult({}, {}, {}, {}), consumer::MakeEventResult({}, "k", {}, {}, "{}")}) {
    for (const auto& name : required) {
      EXPECT_TRUE(common::LastHeader(result.headers, name.as<std::string>()))
          << name << " is absent from the result of a callback without headers: " << result.value;
    }
  }
}

TEST(MarkerContract, KnowsTheOutcomesOfTheCode) {
  const std::vector<std::string> outcomes{std::string(ToText(common::MarkerOutcome::kPublished)),
                                          std::string(ToText(common::MarkerOutcome::kDead)),
                                          std::string(ToText(common::MarkerOutcome::kIgnored))};
  const YAML::Node known =
      Contract("marker-headers.schema.json")["properties"]["outcome"]["x-known"];
  EXPECT_THAT(known.as<std::vector<std::string>>(), ElementsAreArray(outcomes));
}

}  // namespace
}  // namespace tests
