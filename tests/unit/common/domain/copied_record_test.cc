#include "common/domain/copied_record.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace common {
namespace {

TEST(CopyOrigin, IsReadAsItWasWritten) {
  const CopyOrigin origin{
      .partition = Partition(3), .offset = Offset(4'711'000'000'000), .partitions = 24};
  EXPECT_EQ(ToText(origin), "3:4711000000000@24");
  EXPECT_EQ(ReadCopyOrigin(ToText(origin)), origin);
}

TEST(CopyOrigin, IsUnknownInAnotherForm) {
  for (const char* const text :
       {"", ":", "@", ":@", "3:7", "3@24", "3@7:24", "-3:7@24", "3:-7@24", "3:7@", ":7@24", "3:@24",
        "3:7@24 ", "3:7@24@25", "a:7@24", "3:7@99999999999"}) {
    EXPECT_EQ(ReadCopyOrigin(text), std::nullopt) << text;
  }
}

TEST(AnnouncedAt, IsTimeOfOriginal) {
  constexpr WallTime kNow{std::chrono::hours(480'000)};
  const std::string before = FormatRfc3339(kNow - std::chrono::hours(1));
  EXPECT_EQ(AnnouncedAt("1:2@3", before, kNow), kNow - std::chrono::hours(1));
  EXPECT_EQ(AnnouncedAt(std::nullopt, before, kNow), kNow) << "no copy: the announcer's word";
  EXPECT_EQ(AnnouncedAt("1:2@3", std::nullopt, kNow), kNow);
  EXPECT_EQ(AnnouncedAt("1:2@3", "yesterday", kNow), kNow);
  EXPECT_EQ(AnnouncedAt("1:2@3", FormatRfc3339(kNow + std::chrono::hours(1)), kNow), kNow);
}

}  // namespace
}  // namespace common
