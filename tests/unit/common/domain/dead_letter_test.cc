#include "common/domain/dead_letter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace common {
namespace {

using testing::ElementsAre;

DeadLetter Letter() {
  DeadLetter letter;
  letter.reason = DeadReason::kGone;
  letter.attempts = 7;
  letter.fetch_time = std::chrono::milliseconds(42'001);
  letter.http_status = 404;
  letter.trace_id = "t-1";
  letter.failed_at = *ParseRfc3339("2026-11-23T07:44:12.345Z");
  letter.topic = "callbacks";
  letter.partition = Partition(3);
  letter.offset = Offset(5'000'000'000);
  return letter;
}

TEST(DeadLetter, AddsItsHeadersAfterTheOriginals) {
  const RecordHeaders original = {{"provider", "eid"}, {"x", "1"}, {"x", "2"}};
  EXPECT_THAT(
      HeadersOf(original, Letter()),
      ElementsAre(RecordHeader{"provider", "eid"}, RecordHeader{"x", "1"}, RecordHeader{"x", "2"},
                  RecordHeader{"dead.reason", "gone"}, RecordHeader{"dead.attempts", "7"},
                  RecordHeader{"dead.fetch-ms", "42001"}, RecordHeader{"dead.http-status", "404"},
                  RecordHeader{"dead.trace-id", "t-1"},
                  RecordHeader{"dead.failed-at", "2026-11-23T07:44:12.345Z"},
                  RecordHeader{"dead.topic", "callbacks"}, RecordHeader{"dead.partition", "3"},
                  RecordHeader{"dead.offset", "5000000000"}, RecordHeader{"dead.redrives", "0"}));
}

TEST(DeadLetter, OmitsStatusAndTraceWithoutAnAnswer) {
  DeadLetter letter = Letter();
  letter.http_status = 0;
  letter.trace_id = "";
  const RecordHeaders headers = HeadersOf({}, letter);
  EXPECT_EQ(LastHeader(headers, "dead.http-status"), std::nullopt);
  EXPECT_EQ(LastHeader(headers, "dead.trace-id"), std::nullopt);
}

TEST(DeadLetter, OmitsFetchDurationWithoutFetch) {
  DeadLetter letter = Letter();
  letter.attempts = 0;
  const RecordHeaders headers = HeadersOf({}, letter);
  EXPECT_EQ(LastHeader(headers, "dead.attempts"), "0");
  EXPECT_EQ(LastHeader(headers, "dead.fetch-ms"), std::nullopt);
}

TEST(DeadLetter, KeepsTheOriginalsRedriveCount) {
  const RecordHeaders headers = HeadersOf({{"dead.redrives", "2"}}, Letter());
  EXPECT_EQ(LastHeader(headers, "dead.redrives"), "2");
}

TEST(DeadLetter, IsRedrivenWithTheOriginalsHeadersAndItsOwnName) {
  const RecordHeaders original = {{"provider", "eid"}, {"x", "1"}, {"deadline", ""}, {"x", "2"}};
  const std::string name = RedriveName("callbacks.dead", {Partition(3), Offset(17)});
  EXPECT_EQ(name, "callbacks.dead-3-17");
  EXPECT_THAT(RedrivenHeaders(HeadersOf(original, Letter()), name),
              ElementsAre(RecordHeader{"provider", "eid"}, RecordHeader{"x", "1"},
                          RecordHeader{"deadline", ""}, RecordHeader{"x", "2"},
                          RecordHeader{"redrive", "callbacks.dead-3-17"},
                          RecordHeader{"dead.redrives", "1"}));
}

TEST(DeadLetter, ReplacesTheEarlierRedriveNameWhenRedrivenAgain) {
  const RecordHeaders first =
      RedrivenHeaders(HeadersOf({{"provider", "eid"}}, Letter()), "callbacks.dead-3-17");
  const RecordHeaders again = HeadersOf(first, Letter());
  EXPECT_EQ(RedrivesOf(again), 1);
  EXPECT_THAT(
      RedrivenHeaders(again, "callbacks.dead-3-20"),
      ElementsAre(RecordHeader{"provider", "eid"}, RecordHeader{"redrive", "callbacks.dead-3-20"},
                  RecordHeader{"dead.redrives", "2"}));
}

TEST(DeadLetter, TellsWhenRedrivenThatItWasMalformed) {
  DeadLetter letter = Letter();
  letter.reason = DeadReason::kMalformed;
  const RecordHeaders first =
      RedrivenHeaders(HeadersOf({{"provider", "eid"}}, letter), "callbacks.dead-3-17");
  EXPECT_THAT(
      first,
      ElementsAre(RecordHeader{"provider", "eid"}, RecordHeader{"redrive", "callbacks.dead-3-17"},
                  RecordHeader{"redrive-reason", "malformed"}, RecordHeader{"dead.redrives", "1"}));
  EXPECT_EQ(LastHeader(RedrivenHeaders(HeadersOf(first, Letter()), "n"), "redrive-reason"),
            std::nullopt)
      << "the last letter has another reason";
}

TEST(DeadLetter, DropsItsOwnInstanceAndTransactionWhenRedriven) {
  RecordHeaders letter = HeadersOf({{"instance", "the sender's"}}, Letter());
  letter.push_back({"instance", "sluice.a-0"});
  letter.push_back({"transaction", "17"});
  EXPECT_THAT(RedrivenHeaders(letter, "callbacks.dead-3-17"),
              ElementsAre(RecordHeader{"instance", "the sender's"},
                          RecordHeader{"redrive", "callbacks.dead-3-17"},
                          RecordHeader{"dead.redrives", "1"}));
}

// The letter is a copy that ended a forgotten transaction. The one that may follow it is none.
TEST(DeadLetter, LosesMarkOfCopyWhenRedriven) {
  RecordHeaders letter = HeadersOf({{"provider", "eid"}}, Letter());
  letter.push_back({"repaired", "callbacks.dead-3-11"});
  const RecordHeaders redriven = RedrivenHeaders(letter, "callbacks.dead-3-17");
  EXPECT_EQ(LastHeader(redriven, "repaired"), std::nullopt);
  EXPECT_EQ(LastHeader(RedrivenHeaders(HeadersOf(letter, Letter()), "n"), "repaired"), std::nullopt)
      << "an earlier release has put it back with that header";
}

TEST(DeadLetter, CountsNoRedrivesIfTheHeaderIsInvalid) {
  for (const char* text : {"", "x", "1x", "-3", "99999999999999999999"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(RedrivesOf({{"dead.redrives", text}}), 0);
  }
  EXPECT_EQ(RedrivesOf({}), 0);
  EXPECT_EQ(LastHeader(RedrivenHeaders({{"dead.redrives", "2147483647"}}, "n"), "dead.redrives"),
            "2147483647");
}

TEST(DeadLetter, NamesEachReason) {
  EXPECT_EQ(ToText(DeadReason::kMalformed), "malformed");
  EXPECT_EQ(ToText(DeadReason::kGone), "gone");
  EXPECT_EQ(ToText(DeadReason::kRejected), "rejected");
  EXPECT_EQ(ToText(DeadReason::kTooOld), "too-old");
  EXPECT_EQ(ToText(DeadReason::kUnreadableResponse), "unreadable-response");
  for (const DeadReason reason : kDeadReasons) EXPECT_EQ(ParseDeadReason(ToText(reason)), reason);
  EXPECT_EQ(ParseDeadReason("Gone"), std::nullopt);
}

TEST(RecordHeaders, ReturnTheLastHeaderOfAName) {
  const RecordHeaders headers = {{"a", "1"}, {"b", "2"}, {"a", "3"}};
  EXPECT_EQ(LastHeader(headers, "a"), "3");
  EXPECT_EQ(LastHeader(headers, "A"), std::nullopt);
}

}  // namespace
}  // namespace common
