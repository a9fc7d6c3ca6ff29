#include "consumer/lane/completion_maker.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "common/domain/record_headers.h"
#include "tests/unit/consumer/lane/lane_bench.h"

namespace consumer {
namespace {

using common::Handling;
using std::chrono::hours;
using std::chrono::milliseconds;

constexpr common::WallTime kNoon{hours(480'000)};

/// A callback of process `p` at offset 7 of partition 2, which its facts handle like that.
PendingCallback Callback(Handling handling) {
  PendingCallback callback{.record = {.partition = Partition(2),
                                      .offset = Offset(7),
                                      .time = kNoon,
                                      .key = "p",
                                      .value = R"({"dossierId":"d","processId":"p"})",
                                      .headers = {{"provider", "onfido"}}},
                           .facts = {},
                           .taken_at = {},
                           .marked_at = kNoon};
  callback.facts =
      common::ReadCallback(callback.record.value, callback.record.headers, common::ProviderTable());
  callback.facts.handling = handling;
  return callback;
}

/// "topic outcome reason", without what a completion does not have.
std::string Describe(const std::optional<Completion>& completion) {
  if (!completion) return "to be fetched";
  const std::string outcome(common::ToText(completion->outcome));
  if (!completion->has_record()) return outcome;
  const OutgoingRecord& record = completion->record;
  std::string text = std::string(ToText(record.topic)) + " " + outcome;
  if (record.topic == OutgoingTopic::kDead) {
    text +=
        " " + std::string(
                  common::LastHeader(record.headers, common::header::kDeadReason).value_or("none"));
  }
  return text;
}

class CompletionMakerTest : public ::testing::Test {
 protected:
  RecordingEvents events;
  CompletionMaker maker{{.callbacks_topic = "callbacks"}, events, [] { return kNoon; }};
};

struct FactsCase {
  const char* name;
  Handling handling;
  const char* becomes;
};
void PrintTo(const FactsCase& c, std::ostream* out) { *out << c.name; }

class CompletionByFacts : public CompletionMakerTest,
                          public ::testing::WithParamInterface<FactsCase> {};

TEST_P(CompletionByFacts, FollowsHandling) {
  const auto completion = maker.ByFacts(1, Callback(GetParam().handling));
  EXPECT_EQ(Describe(completion), GetParam().becomes);
}

INSTANTIATE_TEST_SUITE_P(
    Table, CompletionByFacts,
    ::testing::Values(FactsCase{"Fetch", Handling::kFetch, "to be fetched"},
                      FactsCase{"Publish", Handling::kPublish, "processes published"},
                      FactsCase{"Ignore", Handling::kIgnore, "ignored"},
                      FactsCase{"Reject", Handling::kReject, "dead dead malformed"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST_F(CompletionMakerTest, PublishesFetchedDocumentsWithEffort) {
  const Completion completion = maker.ByFetch(
      Callback(Handling::kFetch), {.id = 5,
                                   .effort = {3, milliseconds(250)},
                                   .outcome = Fetched{.process = "{}", .dossier = "{}"}});
  EXPECT_EQ(Describe(completion), "processes published");
  EXPECT_EQ(completion.id, 5U);
  EXPECT_EQ(completion.partition, Partition(2));
  EXPECT_EQ(completion.offset, Offset(7));
  EXPECT_EQ(completion.effort.attempts, 3);
  EXPECT_TRUE(completion.is_fetched);
  EXPECT_TRUE(completion.more.empty());
}

TEST_F(CompletionMakerTest, WritesLetterWithTheReasonOfTheFetch) {
  const Completion completion =
      maker.ByFetch(Callback(Handling::kFetch),
                    {.id = 5, .outcome = Unfetchable{common::DeadReason::kTooOld, 503, "trace"}});
  EXPECT_EQ(Describe(completion),
            "dead dead " + std::string(common::ToText(common::DeadReason::kTooOld)));
}

TEST_F(CompletionMakerTest, WritesTwoMarkersForUnknownRoute) {
  PendingCallback callback = Callback(Handling::kReject);
  callback.no_row = common::Identity();
  const auto completion = maker.ByFacts(1, callback);
  ASSERT_TRUE(completion);
  EXPECT_EQ(completion->more.size(), 1U);
  EXPECT_EQ(completion->records(), 3U);
}

TEST_F(CompletionMakerTest, BlamesUnreadableResponseForRefusedResult) {
  const PendingCallback callback = Callback(Handling::kFetch);
  Completion refused =
      maker.ByFetch(callback, {.id = 5, .outcome = Fetched{.process = "{}", .dossier = "{}"}});
  refused.record = maker.LetterOfRefused(refused, callback);
  refused.outcome = common::MarkerOutcome::kDead;
  EXPECT_EQ(Describe(refused),
            "dead dead " + std::string(common::ToText(common::DeadReason::kUnreadableResponse)));
  EXPECT_EQ(common::LastHeader(refused.record.headers, common::header::kDeadHttpStatus), "200");
}

}  // namespace
}  // namespace consumer
