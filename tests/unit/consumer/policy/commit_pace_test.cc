#include "consumer/policy/commit_pace.h"

#include <gtest/gtest.h>

#include <string_view>

namespace consumer {
namespace {

using std::chrono::milliseconds;

constexpr CommitPace::TimePoint kNow{std::chrono::hours(1)};

TEST(CommitPace, CommitsSoonAfterAQuietTimeAndElseOnceAnInterval) {
  const struct {
    std::string_view name;
    int interval_ms;
    int since_last_ms;  ///< -1: none yet.
    int due_in_ms;
  } kCases[] = {
      {"the first of all gathers company", 500, -1, 20},
      {"long after the last commit", 500, 60'000, 20},
      {"an interval after the last commit", 500, 500, 20},
      {"just before that", 500, 481, 20},
      {"half an interval after it", 500, 250, 250},
      {"at once after it", 500, 0, 500},
      {"an interval below the time to gather", 10, -1, 10},
      {"… after a commit", 10, 4, 10},
      {"no interval at all", 0, 0, 0},
  };
  for (const auto& one : kCases) {
    CommitPace pace{milliseconds(one.interval_ms)};
    if (one.since_last_ms >= 0) pace.Begun(kNow - milliseconds(one.since_last_ms));
    EXPECT_EQ(pace.DueAt(kNow), kNow + milliseconds(one.due_in_ms)) << one.name;
  }
}

/// One result each `gap`, a commit when due: how many commits, and the longest wait.
struct Played {
  int commits = 0;
  milliseconds longest{};
};
Played Play(milliseconds interval, milliseconds gap, int results) {
  CommitPace pace{interval};
  Played played;
  std::optional<CommitPace::TimePoint> due;
  CommitPace::TimePoint first{};
  for (int n = 0; n < results; ++n) {
    const CommitPace::TimePoint now = kNow + n * gap;
    if (due && *due <= now) {
      played.longest =
          std::max(played.longest, std::chrono::duration_cast<milliseconds>(*due - first));
      pace.Begun(*due);
      ++played.commits;
      due.reset();
    }
    if (!due) {
      first = now;
      due = pace.DueAt(now);
    }
  }
  return played;
}

TEST(CommitPace, CommitsRareResultsAloneAndSoon) {
  const Played played = Play(milliseconds(500), milliseconds(1000), 101);
  EXPECT_EQ(played.commits, 100);
  EXPECT_EQ(played.longest, CommitPace::kGather);
}

TEST(CommitPace, CommitsFrequentResultsOnceAnIntervalAtAnyRate) {
  for (const int gap : {100, 10, 1}) {
    const int seconds = 20;
    const Played played = Play(milliseconds(500), milliseconds(gap), seconds * 1000 / gap);
    EXPECT_LE(played.commits, 2 * seconds + 1) << gap;
    EXPECT_GE(played.commits, 2 * seconds - 8) << gap;
    EXPECT_LE(played.longest, milliseconds(500)) << gap;
  }
}

}  // namespace
}  // namespace consumer
