#include "ingest/policy/shedding_episode.h"

#include <gtest/gtest.h>

namespace ingest {
namespace {

using std::chrono::milliseconds;

SheddingEpisode::TimePoint At(int ms) { return SheddingEpisode::TimePoint(milliseconds(ms)); }

TEST(SheddingEpisode, BeginsOnlyWithTheFirstRefusal) {
  SheddingEpisode episode;
  EXPECT_TRUE(episode.Refused(At(0)));
  EXPECT_FALSE(episode.Refused(At(1)));
  EXPECT_FALSE(episode.Refused(At(60'000)));
}

TEST(SheddingEpisode, EndsAfterTwoSecondsWithoutARefusalIfThereIsRoom) {
  SheddingEpisode episode;
  episode.Refused(At(0));
  episode.Refused(At(500));
  EXPECT_FALSE(episode.EndedBy(At(2499), true));
  EXPECT_FALSE(episode.EndedBy(At(2500), false));
  const auto summary = episode.EndedBy(At(9000), true);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->refused, 2U);
  EXPECT_EQ(summary->lasted, milliseconds(500));
}

TEST(SheddingEpisode, IsReportedOnceAndCanBeginAgain) {
  SheddingEpisode episode;
  EXPECT_FALSE(episode.EndedBy(At(0), true)) << "there was no episode";
  episode.Refused(At(0));
  ASSERT_TRUE(episode.EndedBy(At(2000), true));
  EXPECT_FALSE(episode.EndedBy(At(4000), true));
  EXPECT_TRUE(episode.Refused(At(4000)));
  EXPECT_EQ(episode.EndedBy(At(6000), true)->refused, 1U);
}

}  // namespace
}  // namespace ingest
