#include "consumer/state/result_record.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace consumer {
namespace {

using namespace std::chrono_literals;

constexpr common::WallTime kFetchedAt{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} +
                                      12h + 345ms};

common::CallbackFacts Facts() {
  common::CallbackFacts facts;
  facts.provider = "onfido";
  facts.is_readable = true;
  facts.dossier = common::DossierId("d-1");
  facts.process = common::ProcessId("p-1");
  facts.status = "accepted";
  return facts;
}

const common::RecordHeaders kHeaders{{"provider", "onfido"},
                                     {"received-at", "2026-11-23T11:59:59.000Z"},
                                     {"request-id", "r-1"},
                                     {"content-type", "application/json"},
                                     {"traceparent", "00-aa-bb-01"},
                                     {"spooled", "1"},
                                     {"redrive", "callbacks.dead-0-3"},
                                     {"schema", "1"}};

TEST(ResultRecord, EmbedsAnswersUnchanged) {
  const ResultRecord result =
      MakeResult(Facts(), kHeaders,
                 {.partition = common::Partition(3), .offset = common::Offset(1234567890123)},
                 {.process = R"({ "n": 1.50e+2, "big": 12345678901234567890 })",
                  .dossier = R"({"a":[]})",
                  .fetched_at = kFetchedAt});
  EXPECT_EQ(result.key, "p-1");
  EXPECT_EQ(result.value,
            R"({"provider":"onfido","dossierId":"d-1","processId":"p-1","status":"accepted",)"
            R"("callback":{"receivedAt":"2026-11-23T11:59:59.000Z","partition":3,)"
            R"("offset":1234567890123},)"
            R"("process":{ "n": 1.50e+2, "big": 12345678901234567890 },"dossier":{"a":[]},)"
            R"("fetchedAt":"2026-11-23T12:00:00.345Z"})");
}

TEST(ResultRecord, WritesNullForMissingParts) {
  common::CallbackFacts facts = Facts();
  facts.status.reset();
  const ResultRecord result =
      MakeResult(facts, {}, {}, {.process = {}, .dossier = {}, .fetched_at = kFetchedAt});
  EXPECT_EQ(result.value,
            R"({"provider":"onfido","dossierId":"d-1","processId":"p-1","status":null,)"
            R"("callback":{"receivedAt":null,"partition":0,"offset":0},)"
            R"("process":null,"dossier":null,"fetchedAt":"2026-11-23T12:00:00.345Z"})");
}

TEST(ResultRecord, EmbedsEventUnderTheKeyOfItsRecord) {
  common::CallbackFacts facts;
  facts.provider = "billing";
  facts.event_id = common::EventId("evt-1");
  const ResultRecord result =
      MakeEventResult(facts, "evt-1", kHeaders, {common::Partition(3), common::Offset(17)},
                      R"({ "n": 1.50e+2, "id":"EVT-1" })");
  EXPECT_EQ(result.key, "evt-1");
  EXPECT_EQ(result.value,
            R"({"provider":"billing","dossierId":null,"processId":null,"status":null,)"
            R"("eventId":"evt-1","callback":{"receivedAt":"2026-11-23T11:59:59.000Z",)"
            R"("partition":3,"offset":17},"event":{ "n": 1.50e+2, "id":"EVT-1" },)"
            R"("process":null,"dossier":null,"fetchedAt":null})");
  EXPECT_EQ(common::LastHeader(result.headers, "attempts"), "0");
  EXPECT_EQ(common::LastHeader(result.headers, "schema"), "2") << "its ids may be null";
}

TEST(ResultRecord, HasTheIdsOfEvent) {
  common::CallbackFacts facts = Facts();
  const ResultRecord result = MakeEventResult(facts, "p-1", {}, {}, "{}");
  EXPECT_EQ(result.value.find(R"({"provider":"onfido","dossierId":"d-1","processId":"p-1",)"
                              R"("status":"accepted","eventId":null,)"),
            0U)
      << result.value;
}

TEST(ResultRecord, EscapesProviderAndIds) {
  common::CallbackFacts facts = Facts();
  facts.provider = "a\"b\xff";
  facts.process = common::ProcessId("p\n1");
  const ResultRecord result =
      MakeResult(facts, {}, {}, {.process = {}, .dossier = {}, .fetched_at = kFetchedAt});
  EXPECT_EQ(result.key, "p\n1");
  EXPECT_EQ(result.value.find('\n'), std::string::npos);
  EXPECT_NE(result.value.find("\"provider\":\"a\\\"b\xEF\xBF\xBD\""), std::string::npos)
      << result.value;
}

TEST(ResultRecord, CarriesFourCallbackHeadersSchemaAndEffort) {
  const common::RecordHeaders expected{
      {"provider", "onfido"}, {"received-at", "2026-11-23T11:59:59.000Z"},
      {"request-id", "r-1"},  {"traceparent", "00-aa-bb-01"},
      {"schema", "1"},        {"attempts", "3"},
      {"fetch-ms", "4200"}};
  const common::FetchEffort effort{.attempts = 3, .elapsed = std::chrono::milliseconds(4200)};
  EXPECT_EQ(
      MakeResult(Facts(), kHeaders, {}, {.process = {}, .dossier = {}, .effort = effort}).headers,
      expected);
  const common::RecordHeaders alone{{"schema", "1"}, {"attempts", "0"}};
  EXPECT_EQ(MakeResult(Facts(), {}, {}, {}).headers, alone);
}

}  // namespace
}  // namespace consumer
