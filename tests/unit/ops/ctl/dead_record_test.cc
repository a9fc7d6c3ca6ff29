#include "ops/ctl/dead/dead_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "common/domain/omitted_body.h"
#include "ops/ctl/dead/dead_pace.h"

namespace ctl {
namespace {

using common::Offset;
using common::Partition;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

DeadRecord Letter() {
  return {.place = {Partition(3), Offset(17)},
          .time = *common::ParseRfc3339("2026-11-23T10:00:00Z"),
          .key = "p-1",
          .value = R"({"dossierId":"d-1","processId":"p-1","status":"accepted","name":"Kari"})",
          .headers = {{"provider", "eid"},
                      {"received-at", "2026-11-23T09:59:00.000Z"},
                      {"request-id", "r-1"},
                      {"dead.reason", "gone"},
                      {"dead.attempts", "7"},
                      {"dead.http-status", "404"},
                      {"dead.trace-id", "t-1"},
                      {"dead.failed-at", "2026-11-23T09:59:59.000Z"},
                      {"dead.topic", "callbacks"},
                      {"dead.partition", "2"},
                      {"dead.offset", "9"},
                      {"dead.redrives", "1"}}};
}

TEST(RecordPosition, ParsesPartitionAndOffset) {
  EXPECT_EQ(ParseRecordPosition("3:17"), (common::RecordPosition{Partition(3), Offset(17)}));
  EXPECT_EQ(ToText(common::RecordPosition{Partition(3), Offset(17)}), "3:17");
  for (const char* text : {"", "3", ":", "3:", ":17", "-3:17", "3:-17", "3:17x", "3 :17", "a:b",
                           "3:17:1", "9999999999:1", "1:99999999999999999999"}) {
    EXPECT_EQ(ParseRecordPosition(text), std::nullopt) << text;
  }
}

TEST(DeadRecord, ListsItsHeadersAndIds) {
  EXPECT_EQ(RenderJson(Summarise(Letter(), {})),
            R"({"partition":3,"offset":17,"key":"p-1","provider":"eid","reason":"gone",)"
            R"("time":"2026-11-23T10:00:00.000Z","attempts":7,"httpStatus":404,"traceId":"t-1",)"
            R"("redrives":1,"failedAt":"2026-11-23T09:59:59.000Z",)"
            R"("receivedAt":"2026-11-23T09:59:00.000Z","requestId":"r-1","dossierId":"d-1",)"
            R"("processId":"p-1","status":"accepted","eventId":null,"bytes":71,)"
            R"("source":{"topic":"callbacks","partition":2,"offset":9}})");
  EXPECT_EQ(DeadHeading() + RenderRow(Summarise(Letter(), {})),
            "LETTER        DIED                      PROVIDER    REASON               HTTP  "
            "ATTEMPTS  REDRIVES  KEY\n"
            "3:17          2026-11-23T10:00:00.000Z  eid         gone                 404   "
            "7         1         p-1\n");
}

TEST(DeadRecord, TellsWhereItWasRedrivenTo) {
  DeadSummary summary = Summarise(Letter(), {});
  EXPECT_THAT(DeadHeading(RedrivenShown::kYes),
              HasSubstr("  REDRIVES  REDRIVEN TO           KEY\n"));
  EXPECT_THAT(RenderRow(summary, RedrivenShown::kYes),
              HasSubstr("  1         ?                     p-1\n"));
  EXPECT_THAT(RenderJson(summary), Not(HasSubstr("redriven\"")));
  summary.redriven_since = RedrivenSince{};
  EXPECT_THAT(RenderRow(summary, RedrivenShown::kYes),
              HasSubstr("  1         -                     p-1\n"));
  EXPECT_THAT(RenderJson(summary), HasSubstr(R"(,"redriven":null})"));
  summary.redriven_since =
      RedrivenSince{RedrivenSince::Place{.topic = "callbacks",
                                         .at = {Partition(2), Offset(40)},
                                         .time = *common::ParseRfc3339("2026-11-24T10:00:00Z")}};
  EXPECT_THAT(RenderRow(summary, RedrivenShown::kYes),
              HasSubstr("  1         callbacks 2:40        p-1\n"));
  EXPECT_THAT(RenderJson(summary),
              HasSubstr(R"(,"redriven":{"topic":"callbacks","partition":2,"offset":40,)"
                        R"("time":"2026-11-24T10:00:00.000Z"}})"));
}

TEST(DeadRecord, ListsIdsAtThePointersOfARowOfEvents) {
  common::ProviderRow row{.name = "assure-events", .dedup_window = std::chrono::hours(48)};
  common::EventRules& rules = row.events.emplace();
  rules.extract.id = {"id"};
  rules.extract.dossier = {"data", "dossier"};
  DeadRecord letter = Letter();
  letter.headers[0].value = "assure-events";
  letter.value = R"({"id":"evt-1","dossierId":"other","data":{"dossier":"d-2"}})";
  EXPECT_THAT(RenderJson(Summarise(letter, common::ProviderTable({row}))),
              HasSubstr(R"("dossierId":"d-2","processId":null,"status":null,"eventId":"evt-1")"));
}

TEST(DeadRecord, OmitsItsBodyFromLists) {
  DeadRecord letter = Letter();
  EXPECT_THAT(RenderJson(Summarise(letter, {})), Not(HasSubstr("Kari")));
  letter.value = "no JSON at all";
  EXPECT_THAT(RenderJson(Summarise(letter, {})),
              testing::AllOf(HasSubstr(R"("dossierId":null,"processId":null,"status":null)"),
                             Not(HasSubstr("no JSON"))));
}

TEST(DeadRecord, IsListedWithoutHeadersAndReadableBody) {
  const DeadRecord letter{
      .place = {Partition(0), Offset(1)}, .time = {}, .key = "k", .value = "", .headers = {}};
  EXPECT_EQ(RenderJson(Summarise(letter, {})),
            R"({"partition":0,"offset":1,"key":"k","provider":"unknown","reason":null,)"
            R"("time":"1970-01-01T00:00:00.000Z","attempts":null,"httpStatus":null,"traceId":null,)"
            R"("redrives":0,"failedAt":null,"receivedAt":null,"requestId":null,"dossierId":null,)"
            R"("processId":null,"status":null,"eventId":null,"bytes":0,)"
            R"("source":{"topic":null,"partition":null,"offset":null}})");
  EXPECT_EQ(RenderRow(Summarise(letter, {})),
            "0:1           1970-01-01T00:00:00.000Z  unknown     -                    -     "
            "-         0         k\n");
}

TEST(DeadRecord, ShowsThatItsBodyWasOmitted) {
  DeadRecord letter = Letter();
  common::OmitBody(letter.value, letter.headers);
  EXPECT_THAT(RenderText(letter, "callbacks.dead"),
              testing::AllOf(HasSubstr("omitted: it was too large"), HasSubstr("dead.body-bytes")));
}

TEST(DeadRecord, EscapesControlCharacters) {
  DeadRecord letter = Letter();
  letter.key = "\x1b[2J";
  letter.headers[0].value = "on\nfido";
  letter.value = "line\n\x1b[2Jline";
  EXPECT_THAT(
      RenderRow(Summarise(letter, {})),
      testing::AllOf(HasSubstr("\\x1b[2J"), HasSubstr("on\\x0afido"), Not(HasSubstr("\x1b"))));
  EXPECT_THAT(RenderText(letter, "dead"),
              testing::AllOf(HasSubstr("line\n\\x1b[2Jline\n"), Not(HasSubstr("\x1b"))));
}

TEST(DeadRecord, ShowsHeadersAndBody) {
  DeadRecord letter = Letter();
  letter.headers.resize(2);
  EXPECT_EQ(RenderText(letter, "callbacks.dead"),
            "letter              callbacks.dead 3:17\n"
            "died                2026-11-23T10:00:00.000Z\n"
            "key                 p-1\n"
            "  provider          eid\n"
            "  received-at       2026-11-23T09:59:00.000Z\n"
            "value               71 bytes\n" +
                letter.value + "\n");
  letter.value = "\"";
  EXPECT_EQ(RenderJson(letter),
            R"({"partition":3,"offset":17,"time":"2026-11-23T10:00:00.000Z","key":"p-1",)"
            "\"headers\":[\n"
            R"({"name":"provider","value":"eid"},)"
            "\n"
            R"({"name":"received-at","value":"2026-11-23T09:59:00.000Z"})"
            "\n"
            R"(],"value":"\""})");
  letter.value = "\xFF\x01";
  EXPECT_THAT(RenderJson(letter), HasSubstr(R"("valueHex":"ff01")"));
  EXPECT_THAT(RenderJson(letter, BodyShown::kNo), EndsWith("\n],\"bytes\":2}"));
}

TEST(Pace, LimitsTheRate) {
  using std::chrono::milliseconds;
  const Pace::Time start = Pace::Time() + std::chrono::hours(1);
  Pace pace(10);
  EXPECT_EQ(pace.Next(start), start);
  EXPECT_EQ(pace.Next(start), start + milliseconds(100));
  EXPECT_EQ(pace.Next(start + milliseconds(150)), start + milliseconds(200));
}

TEST(Pace, CatchesUpAfterALateWaitButNotAfterAPause) {
  using std::chrono::milliseconds;
  const Pace::Time start = Pace::Time() + std::chrono::hours(1);
  Pace pace(500);
  EXPECT_EQ(pace.Next(start), start);
  EXPECT_EQ(pace.Next(start + milliseconds(3)), start + milliseconds(2));
  EXPECT_EQ(pace.Next(start + milliseconds(3)), start + milliseconds(4));
  EXPECT_EQ(pace.Next(start + milliseconds(100)), start + milliseconds(90));
}

TEST(Pace, NeverWaitsWithoutALimit) {
  const Pace::Time start = Pace::Time() + std::chrono::hours(1);
  Pace pace(0);
  EXPECT_EQ(pace.Next(start), start);
  EXPECT_EQ(pace.Next(start), start);
}

}  // namespace
}  // namespace ctl
