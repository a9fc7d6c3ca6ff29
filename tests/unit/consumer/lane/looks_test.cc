#include "consumer/lane/looks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace consumer {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

common::Identity Marker(std::uint8_t number) {
  common::Identity identity;
  identity.bytes[0] = number;
  return identity;
}

class LooksTest : public ::testing::Test {
 protected:
  void Add(JobId id, std::int32_t partition, const std::string& process) {
    looks.Add(id, {.partition = Partition(partition), .process = common::ProcessId(process)});
  }
  Looks looks;
};

TEST_F(LooksTest, CountResultsApartFromLooksUnderWay) {
  Add(1, 0, "p");
  Add(2, 0, "q");
  Add(3, 1, "r");
  looks.Made(1, {Marker(1)}, false);
  EXPECT_EQ(looks.under_way(), 2U);
  EXPECT_EQ(looks.ResultsOf(Partition(0)), 1U);
  EXPECT_EQ(looks.ResultsOf(Partition(1)), 0U);
  static_cast<void>(looks.Forget(1));
  EXPECT_EQ(looks.ResultsOf(Partition(0)), 0U);
  EXPECT_EQ(looks.under_way(), 2U);
}

TEST_F(LooksTest, AreFoundByProcessUntilForgotten) {
  Add(1, 0, "p");
  EXPECT_EQ(looks.FindAt(common::ProcessId("p")), 1U);
  EXPECT_EQ(looks.Forget(1).process.str(), "p");
  EXPECT_FALSE(looks.FindAt(common::ProcessId("p")));
  EXPECT_FALSE(looks.Has(1));
}

TEST_F(LooksTest, DropOnlyLooksOfThePartitions) {
  Add(1, 0, "p");
  Add(2, 1, "q");
  Add(3, 0, "r");
  looks.Made(3, {Marker(3)}, false);
  EXPECT_THAT(looks.Drop({Partition(0)}), UnorderedElementsAre(1, 3));
  EXPECT_TRUE(looks.Has(2));
  EXPECT_EQ(looks.ResultsOf(Partition(0)), 0U);
  EXPECT_EQ(looks.under_way(), 1U);
}

TEST_F(LooksTest, KeepCallbacksInOrderBehindTheResultWithTheirMarker) {
  Add(1, 0, "p");
  Add(2, 0, "q");
  looks.Made(1, {Marker(1), Marker(2)}, true);
  looks.Made(2, {Marker(3)}, false);
  looks.WaitBehind(Marker(2), 7);
  looks.WaitBehind(Marker(1), 8);
  const Look look = looks.Forget(1);
  EXPECT_THAT(look.behind, ElementsAre(7, 8));
  EXPECT_TRUE(look.is_lost);
  EXPECT_TRUE(looks.Forget(2).behind.empty());
}

}  // namespace
}  // namespace consumer
