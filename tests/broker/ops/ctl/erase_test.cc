#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"
#include "tests/broker/consumer/lane/consumer_run.h"
#include "tests/harness/broker.h"
#include "tests/harness/json.h"

namespace ctl {
namespace {

using consumer::ConsumerRun;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::StartsWith;
using testing::UnorderedElementsAre;

constexpr const char* kDossier = "54a1ad5f-74dd-47ba-b992-1cb2b4636341";

class Erase : public testing::Test {
 protected:
  static tests::Record Delivery(const std::string& process, const std::string& dossier = kDossier) {
    return {.key = process,
            .value = R"({"dossierId":")" + dossier + R"(","processId":")" + process +
                     R"(","status":"accepted"})",
            .headers = {{"provider", "onfido"}, {"received-at", "2026-11-23T08:00:00.000Z"}}};
  }
  /// Without a processId: it becomes a dead letter.
  static tests::Record Malformed() {
    return {.key = "some-key",
            .value = R"({"dossierId":"54A1AD5F-74DD-47BA-B992-1CB2B4636341","oops":1})",
            .headers = {{"provider", "onfido"}}};
  }

  void Put(const std::vector<tests::Record>& records) {
    run_.kafka().Produce(run_.topics().callbacks, records);
    put_ += static_cast<std::int64_t>(records.size());
  }
  [[nodiscard]] bool AllDisposed() {
    return tests::WaitUntil([&] { return run_.Committed() >= put_; }, seconds(90),
                            milliseconds(100));
  }
  /// Leaves a record of an aborted transaction on the topic of results.
  void AbortAResult(const std::string& value) {
    const std::string id = tests::UniqueName("aborted");
    tests::Process writer(TRANSACTION_WRITER, {tests::Broker::Shared().bootstrap(),
                                               run_.topics().processes, id, value, "open"});
    ASSERT_TRUE(writer.WaitForOutput("produced", seconds(40))) << writer.Describe();
    writer.Kill();
    run_.kafka().SeizeTransactionalId(id);
  }

  tests::Finished Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "erase");
    arguments.insert(arguments.end(), {"--config", run_.ConfigFile("ctl")});
    return tests::RunProgram(tests::Binary("sluicectl"), arguments, seconds(90));
  }
  tests::Finished EraseDossier(std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--dossier", kDossier});
    return Run(std::move(more));
  }

  /// "result dossierId": how many records of each kind name the dossier, and how.
  static std::map<std::string, int> KindsIn(const std::string& json) {
    std::map<std::string, int> kinds;
    const auto document = tests::ParseJson(json);
    for (const auto& record : document["records"].GetArray()) {
      ++kinds[tests::TextIn(record, "is") + " " + tests::TextIn(record, "names")];
    }
    return kinds;
  }

  const ConsumerRun::Special special_{
      .callbacks = {{"message.timestamp.type", "LogAppendTime"},
                    {"retention.ms", "172800000"},
                    {"segment.ms", "3600000"}},
      .processes = {{"message.timestamp.type", "LogAppendTime"}, {"retention.ms", "-1"}},
      .dead = {{"cleanup.policy", "delete"}}};
  ConsumerRun run_{tests::Broker::Shared().bootstrap(), 3, 1, special_};
  std::int64_t put_ = 0;
};

TEST_F(Erase, ReportsEachRecordThatNamesTheDossierOnEveryTopic) {
  run_.SetApiBehaviour(R"({"missing":["gone"]})");
  const auto consumer = run_.Start("a", "fetch: { not_found_for: 0ms }");
  Put({Delivery("p"), Delivery("p"), Delivery("gone"), Malformed(),
       Delivery("other", "another-dossier")});
  ASSERT_TRUE(AllDisposed()) << consumer->Describe();
  AbortAResult(Delivery("aborted").value.value_or(""));
  const auto json = EraseDossier({"--json"});
  EXPECT_EQ(json.status, 3) << json.output << json.error_output;
  EXPECT_THAT(KindsIn(json.output),
              UnorderedElementsAre(Pair("callback dossierId", 4), Pair("result dossierId", 2),
                                   Pair("dead letter dossierId", 2), Pair("marker hash", 3)))
      << json.output;
  const auto text = EraseDossier();
  EXPECT_EQ(text.status, 3);
  EXPECT_THAT(text.output, AllOf(StartsWith(std::string("dossier ") + kDossier +
                                            ": 11 records on topics, the last gone by "),
                                 HasSubstr(", 2 never\n"), HasSubstr("never: retention.ms=-1"),
                                 HasSubstr("note: Kafka deletes whole segments")));
}

TEST_F(Erase, FindsACallbackThatHasOnlyTheProcessAndItsLetterAndMarker) {
  const auto consumer = run_.Start("a");
  Put({{.key = "p", .value = R"({"processId":"p"})", .headers = {{"provider", "onfido"}}},
       {.key = "q", .value = R"({"processId":"q"})", .headers = {{"provider", "onfido"}}},
       Delivery("p")});
  ASSERT_TRUE(AllDisposed()) << consumer->Describe();
  const auto json = EraseDossier({"--json"});
  EXPECT_THAT(KindsIn(json.output),
              UnorderedElementsAre(Pair("callback key", 1), Pair("callback dossierId", 1),
                                   Pair("result dossierId", 1), Pair("dead letter key", 1),
                                   Pair("marker hash", 2)))
      << json.output;
}

TEST_F(Erase, TellsWhenARecordIsGoneByTheSettingsOfItsTopic) {
  const auto stored = run_.kafka().Produce(run_.topics().callbacks, {Delivery("p")});
  ASSERT_EQ(stored.size(), 1U);
  const auto json = EraseDossier({"--json"});
  ASSERT_EQ(json.status, 0) << json.error_output;
  const auto document = tests::ParseJson(json.output);
  ASSERT_EQ(document["records"].Size(), 1U);
  const auto& record = document["records"][0];
  const auto at = common::ParseRfc3339(tests::TextIn(record, "at"));
  const auto by = common::ParseRfc3339(tests::TextIn(record, "goneBy"));
  ASSERT_TRUE(at && by) << json.output;
  // retention.ms, segment.ms, five minutes until a broker looks, file.delete.delay.ms
  EXPECT_EQ(*by - *at, std::chrono::hours(48 + 1) + std::chrono::minutes(5 + 1));
  EXPECT_THAT(std::string(tests::TextIn(record, "topic")), run_.topics().callbacks);
  EXPECT_EQ(tests::NumberIn(record, "partition"), stored[0].partition);
  EXPECT_EQ(tests::NumberIn(record, "offset"), stored[0].offset);
}

// The segment of a record with the sender's timestamp may be as young as any of its partition.
TEST_F(Erase, CountsFromTheNewestTimestampWhereSendersSetThem) {
  tests::Record old = Delivery("p");
  tests::Record young = old;
  const auto now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  old.timestamp_ms = (now - std::chrono::hours(24 * 3)).time_since_epoch().count();
  young.timestamp_ms = now.time_since_epoch().count();
  young.value = R"({"dossierId":"another","processId":"p","status":"accepted"})";
  run_.kafka().Produce(run_.topics().dead, {old, young});
  const auto json = EraseDossier({"--json"});
  ASSERT_EQ(json.status, 0) << json.error_output;
  const auto document = tests::ParseJson(json.output);
  ASSERT_EQ(document["records"].Size(), 1U);
  const auto by = common::ParseRfc3339(tests::TextIn(document["records"][0], "goneBy"));
  ASSERT_TRUE(by);
  EXPECT_EQ(*by, now + std::chrono::hours(24 * (7 + 7)) + std::chrono::minutes(5 + 1));
}

TEST_F(Erase, FindsTheIdInRecordsOfAnotherForm) {
  run_.kafka().Produce(run_.topics().callbacks,
                       {{.key = "k", .value = std::string("no JSON, but ") + kDossier}});
  const auto json = EraseDossier({"--json"});
  EXPECT_EQ(json.status, 0) << json.error_output;
  EXPECT_THAT(KindsIn(json.output), UnorderedElementsAre(Pair("callback somewhere", 1)));
}

TEST_F(Erase, FindsALetterWithoutItsBodyByItsKey) {
  run_.kafka().Produce(run_.topics().callbacks, {Delivery("p")});
  run_.kafka().Produce(run_.topics().dead,
                       {{.key = "p", .value = "", .headers = {{"dead.body", "omitted"}}},
                        {.key = "another", .value = "", .headers = {{"dead.body", "omitted"}}}});
  const auto json = EraseDossier({"--json"});
  EXPECT_EQ(json.status, 0) << json.error_output;
  EXPECT_THAT(KindsIn(json.output),
              UnorderedElementsAre(Pair("callback dossierId", 1), Pair("dead letter key", 1)));
  EXPECT_THAT(json.output, HasSubstr("1 dead letter has no body"));
}

TEST_F(Erase, SaysWithStatus4ThatNothingNamesIt) {
  run_.kafka().Produce(run_.topics().callbacks, {Delivery("p", "another-dossier")});
  const auto text = EraseDossier();
  EXPECT_EQ(text.status, 4) << text.error_output;
  EXPECT_THAT(text.output, AllOf(HasSubstr(": no record names it\n"),
                                 HasSubstr("note: markers of callbacks that have expired"),
                                 HasSubstr("(until 20")));
  EXPECT_EQ(EraseDossier({"--from", "2099-01-01T00:00:00Z"}).status, 4);
  run_.kafka().DeleteTopic(run_.topics().dead);
  const auto without = EraseDossier();
  EXPECT_EQ(without.status, 1);
  EXPECT_THAT(without.output, AllOf(HasSubstr(": no record that was read names it\n"),
                                    HasSubstr("not read: " + run_.topics().dead)));
}

TEST_F(Erase, DeletesAtSignicatOnceConfirmed) {
  const auto unconfirmed = EraseDossier({"--at-signicat"});
  EXPECT_EQ(unconfirmed.status, 2);
  EXPECT_THAT(unconfirmed.error_output, HasSubstr("confirm it with --yes"));

  const auto deleted = EraseDossier({"--at-signicat", "--yes"});
  EXPECT_EQ(deleted.status, 0) << deleted.error_output;
  EXPECT_THAT(deleted.output, AllOf(HasSubstr("; at Signicat: deleted\n"),
                                    HasSubstr("at Signicat: deleted, status 204, 1 request\n")));
  const auto again = EraseDossier({"--at-signicat", "--yes", "--json"});
  EXPECT_EQ(again.status, 0) << again.error_output;
  EXPECT_THAT(again.output,
              HasSubstr(R"("atSignicat":{"outcome":"gone","status":404,"attempts":1)"));
}

TEST_F(Erase, TellsThatSignicatDoesNotDelete) {
  run_.SetApiBehaviour(std::string(R"({"status_of":{")") + kDossier + R"(":409}})");
  const auto refused = EraseDossier({"--at-signicat", "--yes"});
  EXPECT_EQ(refused.status, 3) << refused.error_output;
  EXPECT_THAT(refused.output,
              HasSubstr("at Signicat: refused, status 409, 1 request: the dossier's state"));
  run_.SetApiBehaviour(R"({"error_rate":1,"status":503})");
  const auto unavailable = EraseDossier({"--at-signicat", "--yes"});
  EXPECT_EQ(unavailable.status, 1) << unavailable.error_output;
  EXPECT_THAT(unavailable.output,
              HasSubstr("at Signicat: unavailable, status 503, 4 requests: it answered 503"));
}

// The documents' promise for callbacks that wait, or come later.
TEST_F(Erase, LeavesADeadLetterForACallbackThatComesAfterIt) {
  ASSERT_EQ(EraseDossier({"--at-signicat", "--yes"}).status, 0);
  const auto consumer = run_.Start("a", "fetch: { not_found_for: 0ms }");
  Put({Delivery("late")});
  ASSERT_TRUE(AllDisposed()) << consumer->Describe();
  const auto json = EraseDossier({"--json"});
  EXPECT_EQ(json.status, 0) << json.error_output;
  EXPECT_THAT(KindsIn(json.output),
              UnorderedElementsAre(Pair("callback dossierId", 1), Pair("dead letter dossierId", 1),
                                   Pair("marker hash", 1)));
}

TEST_F(Erase, RefusesWrongUsage) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {"--dossier", "  "},
                                                    {"--dossier", "d", "--yes"},
                                                    {"--dossier", "..", "--at-signicat", "--yes"},
                                                    {"--dossier", "d", "--spool", ","}}) {
    const auto refused = Run(arguments);
    EXPECT_EQ(refused.status, 2) << refused.output << refused.error_output;
  }
}

}  // namespace
}  // namespace ctl
