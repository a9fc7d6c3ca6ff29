#include "consumer/kafka/kafka_announcements.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>

#include "tests/component/common/kafka/mock_cluster.h"
#include "tests/support/wait_until.h"

namespace consumer {
namespace {

using std::chrono::seconds;

TEST(KafkaAnnouncements, EndWithoutTheirFurtherLookUps) {
  constexpr seconds kLatency{3};
  common::kafka::MockCluster cluster(1);
  cluster.CreateTopic("callbacks.expected", 1);
  ClientSettings settings;
  settings.properties["bootstrap.servers"] = cluster.bootstrap();
  settings.group = "group";
  settings.instance = "a-0";
  const common::Logger log{"test", [](std::string_view /*line*/) {}};
  const common::ProviderTable providers;
  auto announcements = *KafkaAnnouncements::Create(
      settings, std::chrono::hours(24), providers, log,
      {.read_every = std::chrono::milliseconds(50), .look_up = seconds(30)});
  announcements->Follow({{Partition(0), 1}});
  ASSERT_TRUE(tests::WaitUntil([&] { return !announcements->Take(1).empty(); }, seconds(20)))
      << "its clients are connected";
  cluster.SetLatency(kLatency);
  announcements->Follow({{Partition(0), 2}});
  const auto is_working = [&] {
    return !announcements->pulse().IsAlive(Pulse::Clock::now(), seconds(-1));
  };
  ASSERT_TRUE(tests::WaitUntil(is_working, seconds(20)));
  const auto begin = std::chrono::steady_clock::now();
  announcements.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5 * kLatency)
      << "a look-up takes one round trip or two; all of them take eight";
}

}  // namespace
}  // namespace consumer
