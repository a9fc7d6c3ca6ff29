#include "ops/ctl/records/named_callback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "consumer/state/result_record.h"

namespace ctl {
namespace {

using common::Offset;
using common::Partition;

std::string Text(const std::optional<common::RecordPosition>& place) {
  return place ? ToText(*place) : "none";
}

common::ProviderTable Rows() {
  common::ProviderRow same{.name = "assure-events", .dedup_window = std::chrono::hours(1)};
  same.events.emplace().same_as = "onfido";
  return common::ProviderTable({{.name = "onfido", .dedup_window = std::chrono::hours(1)}, same});
}

const common::ProviderTable kRows = Rows();

std::string PlaceIn(const std::string& value) {
  const auto name = ReadResultName(value, kRows);
  return Text(name ? name->place : std::nullopt);
}

constexpr std::string_view kIds = R"("provider":"p","dossierId":"d","processId":"x",)";
std::string WithIds(const std::string& rest) { return "{" + std::string(kIds) + rest; }

TEST(ResultName, ReadsResultsOfTheConsumer) {
  common::CallbackFacts facts;
  facts.is_readable = true;
  facts.provider = "onfido";
  facts.dossier = common::DossierId("d\"1");
  facts.process = common::ProcessId("p");
  facts.status = "\"callback\":{\"partition\":9,\"offset\":9}";
  const auto result = consumer::MakeResult(
      facts, {{"received-at", "2026-11-23T08:00:00.000Z"}},
      {Partition(11), Offset(9'007'199'254'740'993)},
      {.process = R"({"callback":{"partition":8,"offset":8}})", .dossier = {}, .fetched_at = {}});
  EXPECT_EQ(PlaceIn(result.value), "11:9007199254740993");
  EXPECT_EQ(ReadResultName(result.value, kRows)->fact,
            common::IdentityOf("onfido", facts.dossier, facts.process, *facts.status));
}

TEST(ResultName, ReadsResultWithoutStatus) {
  const auto name =
      ReadResultName(WithIds(R"("status":null,"callback":{"partition":3,"offset":17}})"), kRows);
  ASSERT_TRUE(name);
  EXPECT_EQ(name->fact,
            common::IdentityOf("p", common::DossierId("d"), common::ProcessId("x"), ""));
}

TEST(ResultName, NamesTheFactOfTheRowThatReportsTheSame) {
  const auto name = ReadResultName(R"({"provider":"assure-events","dossierId":"d","processId":"x",)"
                                   R"("status":"s","callback":{"partition":3,"offset":17}})",
                                   kRows);
  EXPECT_EQ(name->fact,
            common::IdentityOf("onfido", common::DossierId("d"), common::ProcessId("x"), "s"));
}

TEST(ResultName, ReadsResultsWithoutCallback) {
  const auto name = ReadResultName(
      WithIds(
          R"("status":"s","callback":null,"process":{"callback":{"partition":3,"offset":17}}})"),
      kRows);
  ASSERT_TRUE(name);
  EXPECT_FALSE(name->place);
  EXPECT_EQ(name->status, "s");
  EXPECT_EQ(name->fact,
            common::IdentityOf("p", common::DossierId("d"), common::ProcessId("x"), "s"));
  EXPECT_FALSE(ReadResultName(WithIds(R"("status":"s","process":null})"), kRows))
      << "no word of a callback";
}

TEST(ResultName, ReadsResultsThatAreEvents) {
  common::CallbackFacts facts;
  facts.provider = "billing";
  facts.event_id = common::EventId("evt-1");
  const auto with_id = consumer::MakeEventResult(facts, "k", {}, {Partition(3), Offset(17)}, "{}");
  EXPECT_EQ(PlaceIn(with_id.value), "3:17");
  EXPECT_EQ(ReadResultName(with_id.value, kRows)->fact,
            common::IdentityOfEvent("billing", common::EventId("evt-1")));
  facts.event_id.reset();
  const auto without = consumer::MakeEventResult(facts, "k", {}, {Partition(3), Offset(17)}, "{}");
  EXPECT_EQ(PlaceIn(without.value), "3:17");
  EXPECT_EQ(ReadResultName(without.value, kRows)->fact, std::nullopt);
}

TEST(ResultName, IgnoresEverythingAfterTheCallbackObject) {
  EXPECT_EQ(PlaceIn(WithIds(R"("callback":{"partition":3,"offset":17},"process":no json)")),
            "3:17");
}

TEST(ResultName, ReadsTheOutermostObjectOnly) {
  const std::string value = WithIds(
      R"("a":{"callback":{"partition":1,"offset":1},"partition":2,"offset":2,"provider":"other"},)"
      R"("partition":4,"offset":4,"b":[{"callback":{"partition":5,"offset":5},"dossierId":"e"}],)"
      R"("callback":{"x":{"partition":6},"offset":17,"partition":3,"processId":"y"}})");
  EXPECT_EQ(PlaceIn(value), "3:17");
  EXPECT_EQ(ReadResultName(value, kRows)->fact,
            common::IdentityOf("p", common::DossierId("d"), common::ProcessId("x"), ""));
}

TEST(ResultName, IsAbsentIfTheResultNamesNoCallback) {
  for (const char* value :
       {"", "{", "null", "17", "[]", "{}", R"({"callback":{"partition":3,"offset":17}})",
        R"([{"callback":{"partition":3,"offset":17}}])", R"(["callback",{"partition":3}])"}) {
    EXPECT_EQ(PlaceIn(value), "none") << value;
  }
  for (const char* rest :
       {R"("callback":null})", R"("callback":[3,17]})", R"("callback":{"partition":3}})",
        R"("callback":{"partition":"3","offset":17}})",
        R"("callback":{"partition":3,"offset":-1}})", R"("callback":{"partition":3,"offset":1.5}})",
        R"("callback":{"partition":3000000000,"offset":1}})"}) {
    EXPECT_EQ(PlaceIn(WithIds(rest)), "none") << rest;
  }
  EXPECT_EQ(PlaceIn(R"({"provider":"p","dossierId":"d","processId":null,)"
                    R"("callback":{"partition":3,"offset":17}})"),
            "none");
}

TEST(RedriveName, ParsesTopicPartitionAndOffset) {
  EXPECT_EQ(Text(ReadRedriveName("callbacks-3-17", "callbacks")), "3:17");
  EXPECT_EQ(Text(ReadRedriveName("a-1-b-3-17", "a-1-b")), "3:17");
  for (const char* name :
       {"", "callbacks", "callbacks-", "callbacks-3", "callbacks-3-", "callbacks--3-17",
        "callbacks-3--17", "callbacks-3-17 ", "callbacks-3-17x", "callbacks.dead-3-17",
        "callbacks-dead-3-17", "callbacks-3-99999999999999999999", "xcallbacks-3-17"}) {
    EXPECT_EQ(Text(ReadRedriveName(name, "callbacks")), "none") << name;
  }
}

}  // namespace
}  // namespace ctl
