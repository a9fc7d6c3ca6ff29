#include "consumer/kafka/log_reader.h"

#include <gtest/gtest.h>

#include <memory>
#include <string_view>

namespace consumer {
namespace {

using std::chrono::milliseconds;

/// No broker is there.
class LogReaderAlone : public testing::Test {
 protected:
  static ClientSettings Settings() {
    ClientSettings settings;
    settings.properties["bootstrap.servers"] = "127.0.0.1:1";
    settings.group = "group";
    settings.instance = "a-0";
    return settings;
  }
  static common::Deadline Soon() { return common::Deadline::After(milliseconds(20)); }

  const common::TopicNames topics;
  const common::Logger log{"test", [](std::string_view /*line*/) {}};
  std::unique_ptr<LogReader> reader = *LogReader::Create(Settings(), log);
};

TEST_F(LogReaderAlone, IsNotSilentIfNothingIsAsked) {
  for (int look = 0; look < 4; ++look) {
    EXPECT_TRUE(reader->StableEnds(topics.callbacks, {}, Soon()).empty());
    EXPECT_TRUE(reader->Begins(topics.callbacks, {}, Soon()).empty());
    EXPECT_TRUE(reader->Committed({}, LogReader::Stability::kRough, Soon()).empty());
  }
  EXPECT_EQ(reader->silence(), milliseconds(0));
}

TEST_F(LogReaderAlone, IsSilentIfNobodyAnswers) {
  for (int look = 0; look < 4; ++look) {
    EXPECT_TRUE(reader->StableEnds(topics.callbacks, {0}, Soon()).empty());
  }
  EXPECT_GT(reader->silence(), milliseconds(0));
}

// A transaction with these offsets may be open.
TEST_F(LogReaderAlone, IsNotSilentBecauseOffsetsAreNotStable) {
  for (int look = 0; look < 4; ++look) {
    EXPECT_TRUE(reader->Committed({0}, LogReader::Stability::kStable, Soon()).empty());
  }
  EXPECT_EQ(reader->silence(), milliseconds(0));
}

}  // namespace
}  // namespace consumer
