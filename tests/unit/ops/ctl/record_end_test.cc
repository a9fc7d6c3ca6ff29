#include "ops/ctl/erase/record_end.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>

namespace ctl {
namespace {

using common::kafka::TopicFacts;
using When = RecordEnd::When;

constexpr common::WallTime kNewest{std::chrono::sys_days{std::chrono::year{2026} / 11 / 1}};

/// Seven days, in segments of a day.
TopicFacts Planned() {
  TopicFacts topic;
  topic.config = {{"cleanup.policy", "delete"},      {"retention.ms", "604800000"},
                  {"retention.bytes", "-1"},         {"segment.ms", "86400000"},
                  {"file.delete.delay.ms", "60000"}, {"remote.storage.enable", "false"}};
  return topic;
}

std::string EndOf(const TopicFacts& topic, common::WallTime newest = kNewest,
                  common::WallTime now = kNewest) {
  const RecordEnd end = TopicRetention(topic).EndOf(newest, now);
  const std::string when(ToText(end.when));
  return when + " " + (end.when == When::kBy ? common::FormatRfc3339(end.by) : end.why);
}

// retention.ms + segment.ms + five minutes until a broker looks + file.delete.delay.ms
TEST(RecordEnd, IsTheEndOfTheWholeSegment) {
  EXPECT_EQ(EndOf(Planned()), "by 2026-11-09T00:06:00.000Z");
}

TEST(RecordEnd, FollowsTheTopicsSettings) {
  using Change = std::map<std::string, std::string>;
  const struct {
    std::string_view what;
    Change change;
    std::string_view end;
  } kCases[] = {
      {"default segments", {{"segment.ms", "604800000"}}, "by 2026-11-15T00:06:00.000Z"},
      {"no retention", {{"retention.ms", "0"}}, "by 2026-11-02T00:06:00.000Z"},
      {"another delay", {{"file.delete.delay.ms", "0"}}, "by 2026-11-09T00:05:00.000Z"},
      {"size may delete it earlier", {{"retention.bytes", "1000"}}, "by 2026-11-09T00:06:00.000Z"},
      {"kept for ever", {{"retention.ms", "-1"}}, "never retention.ms=-1"},
      {"kept as good as for ever",
       {{"retention.ms", "9223372036854775807"}},
       "never retention.ms=9223372036854775807"},
      {"limited by size alone",
       {{"retention.ms", "-1"}, {"retention.bytes", "1000"}},
       "unknown only size limits the topic: retention.bytes=1000"},
      {"one segment for ever",
       {{"segment.ms", "9223372036854775807"}},
       "unknown a segment may take for ever to fill: segment.ms=9223372036854775807"},
      {"compaction", {{"cleanup.policy", "compact"}}, "never cleanup.policy=compact"},
      {"compaction beside deletion",
       {{"cleanup.policy", "compact,delete"}},
       "unknown compaction may join its segment to later ones: cleanup.policy=compact,delete"},
      {"deletion beside compaction",
       {{"cleanup.policy", "delete, compact"}},
       "unknown compaction may join its segment to later ones: cleanup.policy=delete, compact"},
      {"an unknown policy", {{"cleanup.policy", "undelete"}}, "never cleanup.policy=undelete"},
      {"tiered storage", {{"remote.storage.enable", "true"}}, "unknown remote.storage.enable=true"},
      {"a setting that is no number",
       {{"retention.ms", "a week"}},
       "unknown the topic's configuration is unknown"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    TopicFacts topic = Planned();
    for (const auto& [name, value] : c.change) topic.config[name] = value;
    EXPECT_EQ(EndOf(topic), c.end);
  }
}

TEST(RecordEnd, IsUnknownWithoutTheTopicsSettings) {
  for (const std::string setting :
       {"cleanup.policy", "retention.ms", "segment.ms", "file.delete.delay.ms"}) {
    TopicFacts topic = Planned();
    topic.config.erase(setting);
    EXPECT_EQ(EndOf(topic), "unknown the topic's configuration is unknown") << setting;
  }
  TopicFacts denied;
  denied.is_config_denied = true;
  EXPECT_EQ(EndOf(denied), "unknown this client may not describe the topic's configuration");
}

// Its segment is deleted at the next look.
TEST(RecordEnd, IsNotInThePast) {
  EXPECT_EQ(EndOf(Planned(), kNewest, kNewest + std::chrono::hours(24 * 30)),
            "by 2026-12-01T00:06:00.000Z");
}

TEST(RecordEnd, IsUnknownWithoutTimestamps) {
  EXPECT_EQ(EndOf(Planned(), common::WallTime{}),
            "unknown its partition has no timestamps: the time of the file counts");
}

TEST(RecordEnd, DoesNotOverflowWithAnyTimestamp) {
  EXPECT_EQ(EndOf(Planned(), common::WallTime::max()),
            "never a timestamp on its partition is too far in the future");
}

}  // namespace
}  // namespace ctl
