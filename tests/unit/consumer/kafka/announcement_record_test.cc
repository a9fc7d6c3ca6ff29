#include "consumer/kafka/announcement_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/domain/key_partition.h"

namespace consumer {
namespace {

using ::testing::HasSubstr;

constexpr const char* kValue = R"({"dossierId":"d","processId":"p1","provider":"onfido"})";

TEST(AnnouncementRecord, NamesProcessAndItsPossibleLastCallback) {
  const common::ProviderTable providers;
  const auto announcement = ReadAnnouncement("p1", kValue, {}, providers);
  ASSERT_TRUE(announcement);
  EXPECT_EQ(announcement->process.str(), "p1");
  ASSERT_TRUE(announcement->expected);
  EXPECT_EQ(announcement->expected->dossier.str(), "d");
  EXPECT_EQ(announcement->expected->row, providers.Resolve("onfido"));
  EXPECT_FALSE(announcement->expected->identities.empty());
}

TEST(AnnouncementRecord, ForgetsAProcessWithoutAValue) {
  const auto announcement = ReadAnnouncement("p1", std::nullopt, {}, common::ProviderTable());
  ASSERT_TRUE(announcement);
  EXPECT_EQ(announcement->process.str(), "p1");
  EXPECT_FALSE(announcement->expected);
}

TEST(AnnouncementRecord, IsUnusableInPartitionThatIsNotItsKeys) {
  const int partitions = 12;
  const Partition right = common::PartitionOf("p1", partitions);
  const Partition other((right.number() + 1) % partitions);
  const common::ProviderTable providers;
  EXPECT_TRUE(ReadAnnouncement("p1", kValue, {right, partitions}, providers));
  const auto wrong = ReadAnnouncement("p1", kValue, {other, partitions}, providers);
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().detail, HasSubstr("murmur2_random, or partitions were added"));
}

TEST(AnnouncementRecord, IsUnusableIfItsProvidersEventsAreNotFetched) {
  std::vector<common::ProviderRow> rows = common::ProviderTable().rows();
  rows.push_back(
      {.name = "events", .events = common::EventRules{.fetch = common::EventFetch::kNone}});
  const common::ProviderTable providers(std::move(rows));
  const auto unusable = ReadAnnouncement(
      "p1", R"({"dossierId":"d","processId":"p1","provider":"events"})", {}, providers);
  ASSERT_FALSE(unusable);
  EXPECT_THAT(unusable.error().detail, HasSubstr("fetch: none"));
}

}  // namespace
}  // namespace consumer
