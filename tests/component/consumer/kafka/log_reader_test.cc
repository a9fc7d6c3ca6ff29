#include "consumer/kafka/log_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/guarded.h"

namespace consumer {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

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
  common::Guarded<std::string> lines;  ///< librdkafka logs, too.
  const common::Logger log{
      "test", [this](std::string_view line) { lines.With([&](auto& text) { text += line; }); }};
  std::string TakeLines() {
    return lines.With([](auto& text) { return std::exchange(text, {}); });
  }
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
    EXPECT_TRUE(reader->StableEnds(topics.callbacks, {Partition(0)}, Soon()).empty());
  }
  EXPECT_GT(reader->silence(), milliseconds(0));
}

// A transaction with these offsets may be open.
TEST_F(LogReaderAlone, IsNotSilentBecauseOffsetsAreNotStable) {
  for (int look = 0; look < 4; ++look) {
    EXPECT_TRUE(reader->Committed({Partition(0)}, LogReader::Stability::kStable, Soon()).empty());
  }
  EXPECT_EQ(reader->silence(), milliseconds(0));
}

TEST_F(LogReaderAlone, LogsItsRole) {
  EXPECT_FALSE(reader->PartitionsOf(topics.callbacks, Soon()));
  EXPECT_THAT(TakeLines(), HasSubstr("restore.look_up_failed"));
  reader = *LogReader::Create(Settings(), log, ReaderRole::kAnnouncements);
  static_cast<void>(TakeLines());  // Of the other one.
  EXPECT_FALSE(reader->PartitionsOf(topics.expected, Soon()));
  const std::string text = TakeLines();
  EXPECT_THAT(text, HasSubstr("expected.look_up_failed"));
  EXPECT_THAT(text, Not(HasSubstr("restore")));
}

}  // namespace
}  // namespace consumer
