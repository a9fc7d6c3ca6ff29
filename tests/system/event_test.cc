// Rows of `kind: events`: from a signed request, or from the record that ingest writes for one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iomanip>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/signature/signature.h"
#include "tests/harness/metrics_page.h"
#include "tests/harness/process.h"
#include "tests/support/http_client.h"
#include "tests/support/wait_until.h"
#include "tests/system/fixture.h"

namespace tests {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

constexpr const char* kRows = R"({
  assure-events: { kind: events, auth: none, types: [process.complete], same_as: onfido,
    extract: { id: /id, type: /eventName, expiresAt: /expiresAt, dossierId: /eventData/dossierId,
               processId: /eventData/processId, status: /eventData/status } },
  hooks: { kind: events, auth: none, fetch: none, extract: { id: "header:webhook-id" } } })";

class Events : public SystemTest {
 protected:
  Events() { pipeline.consumer_settings["providers"] = kRows; }

  void Add(const std::string& provider, const std::string& key, const std::string& body,
           const std::string& event_id = "") {
    std::ostringstream request;
    request << std::hex << std::setw(32) << std::setfill('0') << ++requests_;
    Record record{.key = key,
                  .value = body,
                  .headers = {{"provider", provider},
                              {"received-at", common::FormatRfc3339(common::WallNow())},
                              {"request-id", request.str()}}};
    if (!event_id.empty()) record.headers.push_back({"event-id", event_id});
    record.headers.push_back({"schema", "1"});
    waiting_.push_back(std::move(record));
  }
  static std::string ProcessOf(int number) { return "p-" + std::to_string(number); }
  void AddEvent(int number, const std::string& id, const std::string& more = "") {
    const std::string expires = common::FormatRfc3339(common::WallNow() + seconds(30));
    Add("assure-events", ProcessOf(number),
        R"({"id":")" + id + R"(","eventName":"process.complete","expiresAt":")" + expires +
            R"(","eventData":{"dossierId":"d","processId":")" + ProcessOf(number) +
            R"(","status":"accepted"})" + more + "}");
  }
  void AddCallback(int number) {
    Add("onfido", ProcessOf(number),
        R"({"dossierId":"d","processId":")" + ProcessOf(number) + R"(","status":"accepted"})");
  }
  void Write() {
    pipeline.kafka().Produce(pipeline.topics().callbacks, std::exchange(waiting_, {}));
    ASSERT_TRUE(pipeline.AwaitAllDisposed());
  }

  [[nodiscard]] std::map<std::string, int> ResultsByKey() {
    std::map<std::string, int> results;
    for (const Record& record : pipeline.Results()) ++results[record.key.value_or("")];
    return results;
  }
  Finished Ctl(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--config", pipeline.consumer_yaml()});
    return RunProgram(Binary("sluicectl"), std::move(arguments), seconds(60));
  }

 private:
  std::vector<Record> waiting_;
  int requests_ = 0;
};

TEST_F(Events, ArePublishedOnceBesideCallbacksAboutTheSameProcesses) {
  constexpr int kEach = 30;
  for (int i = 0; i < kEach; ++i) {
    AddEvent(i, "e-" + std::to_string(i));
    AddEvent(i, "e-" + std::to_string(i), R"(,"attempt":2)");
    AddCallback(kEach + i);
  }
  pipeline.StartConsumer();
  ASSERT_NO_FATAL_FAILURE(Write());
  pipeline.consumer().Kill();
  for (int i = 0; i < kEach; ++i) {
    AddCallback(i);
    AddEvent(kEach + i, "late-" + std::to_string(i));
    AddEvent(i, "e-" + std::to_string(i), R"(,"attempt":3)");
  }
  pipeline.StartConsumer();
  ASSERT_NO_FATAL_FAILURE(Write());

  const std::map<std::string, int> results = ResultsByKey();
  EXPECT_EQ(results.size(), std::size_t{2 * kEach});
  for (const auto& [key, count] : results) EXPECT_EQ(count, 1) << key;
  EXPECT_EQ(pipeline.DeadLetters().size(), 0U);
  const Finished audit = Ctl({"audit", "--since", "1h"});
  EXPECT_EQ(audit.status, 0) << audit.output << audit.error_output;
  EXPECT_THAT(audit.output, HasSubstr("180 callbacks: 60 with a result or dead letter, 120 "
                                      "redelivered"));
  const Finished trace = Ctl({"trace", "e-3", "--json"});
  EXPECT_EQ(trace.status, 0) << trace.error_output;
  EXPECT_THAT(trace.output, HasSubstr(R"("process":"p-3","dossier":"d")"));
  EXPECT_THAT(trace.output, HasSubstr(R"("verdict":"published")"));
}

TEST_F(Events, AreIgnoredIfTheyAreTestsOrOfAnotherType) {
  pipeline.StartConsumer();
  AddEvent(1, "mock", R"(,"tags":["mock"])");
  AddEvent(1, "mock", R"(,"tags":["mock"])");
  AddEvent(2, "other", R"(,"eventName":"webid.zip.ready")");
  ASSERT_NO_FATAL_FAILURE(Write());
  EXPECT_EQ(ResultsByKey().size(), 0U);
  EXPECT_EQ(pipeline.DeadLetters().size(), 0U);
  const auto counted = [&](const char* outcome) {
    const auto page = MetricsPage::Of(pipeline.consumer_admin());
    return page ? page->Sum("sluice_consumer_callbacks_total",
                            {{"provider", "assure-events"}, {"outcome", outcome}})
                : -1;
  };
  EXPECT_TRUE(
      WaitUntil([&] { return counted("ignored") == 2 && counted("duplicate") == 1; }, seconds(20)))
      << counted("ignored") << " ignored, " << counted("duplicate") << " duplicates";
  const Finished audit = Ctl({"audit", "--since", "1h"});
  EXPECT_EQ(audit.status, 0) << audit.output << audit.error_output;
  EXPECT_THAT(audit.output, HasSubstr("1 redelivered, 2 ignored"));
  EXPECT_THAT(Ctl({"trace", "p-1", "--json"}).output, HasSubstr(R"("verdict":"ignored")"));

  AddEvent(1, "real");
  ASSERT_NO_FATAL_FAILURE(Write());
  EXPECT_EQ(ResultsByKey().at("p-1"), 1) << "the mock did not use up the fact";
}

TEST_F(Events, AreResultsThemselvesWithoutFetch) {
  pipeline.StartConsumer();
  constexpr int kEvents = 20;
  const auto body = [](int i) {
    return R"({ "type":"paid", "n": 1.50e+)" + std::to_string(i) + " }";
  };
  for (int i = 0; i < 2 * kEvents; ++i) {
    const int number = i % kEvents;
    Add("hooks", "msg_" + std::to_string(number), body(number), "msg_" + std::to_string(number));
  }
  ASSERT_NO_FATAL_FAILURE(Write());
  const std::map<std::string, int> results = ResultsByKey();
  EXPECT_EQ(results.size(), std::size_t{kEvents});
  for (const Record& record : pipeline.Results()) {
    const int number = std::stoi(record.key->substr(4));
    EXPECT_EQ(results.at(*record.key), 1);
    EXPECT_THAT(*record.value, HasSubstr(R"("event":)" + body(number) + ","));
  }
  const Finished audit = Ctl({"audit", "--since", "1h"});
  EXPECT_EQ(audit.status, 0) << audit.output << audit.error_output;
  EXPECT_THAT(Ctl({"trace", "msg_3", "--json"}).output, HasSubstr(R"("verdict":"published")"));
}

TEST_F(Events, ArePublishedOnceFromSignedDeliveries) {
  const std::string row = R"(kind: events, signature: { header: X-Test-Signature, secrets: [key] },
    extract: { id: /id, dossierId: /dossier, processId: /process, status: /status },
    same_as: onfido)";
  pipeline.providers["signed"] = row;
  pipeline.consumer_settings["providers"] = "{ signed: { auth: none, " + row + " } }";
  pipeline.StartIngest();
  pipeline.StartConsumer();
  common::SignatureRule rule;
  rule.header = "x-test-signature";
  const auto deliver = [&](int number, const std::string& key) {
    const std::string body = R"({"id":"e-)" + std::to_string(number) +
                             R"(","dossier":"d","process":")" + ProcessOf(number) +
                             R"(","status":"accepted"})";
    return Post(pipeline.target() + "/signed", body,
                {{"Authorization", Pipeline::kAuthorization},
                 {"X-Test-Signature", common::Sign(rule, key, "", "", body)}})
        .status;
  };
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(deliver(i, "key"), 200);
    EXPECT_EQ(deliver(i, "another"), 401);
    EXPECT_EQ(deliver(i, "key"), 200);
    EXPECT_EQ(Post(pipeline.target() + "/onfido",
                   R"({"dossierId":"d","processId":")" + ProcessOf(i) + R"(","status":"accepted"})",
                   {{"Authorization", Pipeline::kAuthorization}})
                  .status,
              200);
  }
  ASSERT_TRUE(pipeline.AwaitAllDisposed());
  const std::map<std::string, int> results = ResultsByKey();
  EXPECT_EQ(results.size(), 20U);
  for (const auto& [key, count] : results) EXPECT_EQ(count, 1) << key;
  const Finished audit = Ctl({"audit", "--since", "1h"});
  EXPECT_EQ(audit.status, 0) << audit.output << audit.error_output;
  EXPECT_THAT(audit.output, HasSubstr("60 callbacks: 20 with a result"));
}

TEST_F(Events, OfTheSimulatedSenderArePublishedOnceAndForgedOnesRefused) {
  pipeline.AddEvents();
  pipeline.StartIngest();
  pipeline.StartConsumer();
  std::vector<std::string> arguments = pipeline.EventArguments();
  arguments.insert(
      arguments.end(),
      {"--providers", "events", "--count", "120", "--event-lifetime", "3s", "--duplicate-rate",
       "0.3", "--mock-rate", "0.2", "--forged-rate", "0.3", "--stale-rate", "0.3", "--seed", "17"});
  const Delivered delivered = pipeline.Deliver(std::move(arguments));
  EXPECT_EQ(WrongEventAnswers(delivered, false), "") << delivered.report;
  for (const char* kind : {"first", "repeated", "mock", "forged", "stale"}) {
    EXPECT_THAT(delivered.EventStatuses(kind), testing::SizeIs(1)) << kind;
  }
  ASSERT_TRUE(pipeline.AwaitAllDisposed());
  EXPECT_EQ(Discrepancies(delivered.callbacks, NamesOf(pipeline.Results())), "");
  EXPECT_EQ(pipeline.DeadLetters().size(), 0U);
}

}  // namespace
}  // namespace tests
