#include "tests/soak/broken_logs.h"

#include <gtest/gtest.h>

#include "tests/support/temp_directory.h"

namespace soak {
namespace {

TEST(BrokenLogs, BeginAtTheOffsetsOfTheCheckpoint) {
  EXPECT_EQ(WithBegins("0\n3\ncallbacks 6 1\ncallbacks.seen 0 7\nother 1 2\n", "callbacks",
                       {{6, 40}, {7, 0}}),
            "0\n4\ncallbacks.seen 0 7\nother 1 2\ncallbacks 6 40\ncallbacks 7 0\n");
}

TEST(BrokenLogs, LoseTheLastBytesOfTheirTopicOnly) {
  const tests::TempDirectory data;
  for (const char* log : {"callbacks-0", "callbacks-1", "callbacks.seen-0"}) {
    std::filesystem::create_directory(data.path() / log);
  }
  const auto cut = data.Write("callbacks-0/0.log", std::string(30, 'x'));
  const auto empty = data.Write("callbacks-1/0.log", "");
  const auto index = data.Write("callbacks-0/0.index", std::string(30, 'x'));
  const auto other = data.Write("callbacks.seen-0/0.log", std::string(30, 'x'));
  CutLastBatches(data.path(), "callbacks");
  EXPECT_EQ(std::filesystem::file_size(cut), 20U);
  EXPECT_EQ(std::filesystem::file_size(empty), 0U);
  EXPECT_EQ(std::filesystem::file_size(index), 30U);
  EXPECT_EQ(std::filesystem::file_size(other), 30U);
}

TEST(BrokenLogs, LoseEverySegmentButKeepTheTopicId) {
  const tests::TempDirectory data;
  std::filesystem::create_directory(data.path() / "callbacks-0");
  const auto log = data.Write("callbacks-0/0.log", "x");
  const auto index = data.Write("callbacks-0/0.timeindex", "x");
  const auto id = data.Write("callbacks-0/partition.metadata", "x");
  EmptyLog(data.path(), "callbacks", 0);
  EXPECT_FALSE(std::filesystem::exists(log));
  EXPECT_FALSE(std::filesystem::exists(index));
  EXPECT_TRUE(std::filesystem::exists(id));
}

}  // namespace
}  // namespace soak
