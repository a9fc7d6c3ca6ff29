#include "ops/ctl/expect/announcement_sender.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stop_token>
#include <string>
#include <vector>

#include "tests/component/common/kafka/mock_cluster.h"

namespace ctl {
namespace {

TEST(AnnouncementSender, WaitsForRoomInASmallQueue) {
  common::kafka::MockCluster cluster;
  cluster.CreateTopic("callbacks.expected", 4);
  ClusterSettings settings;
  settings.kafka = {{"bootstrap.servers", cluster.bootstrap()},
                    {"queue.buffering.max.messages", "5"}};
  auto sender = AnnouncementSender::Open(settings);
  ASSERT_TRUE(sender) << sender.error().detail;
  std::vector<ExpectRequest> requests;
  for (int i = 0; i < 40; ++i) {
    requests.push_back({.process = common::ProcessId("p-" + std::to_string(i))});
  }
  const auto sent = sender.value()->Send(requests, std::stop_token());
  for (const SentAnnouncement& one : sent) EXPECT_FALSE(one.error) << *one.error;
  EXPECT_TRUE(std::ranges::all_of(sent, [](const auto& one) { return one.place.has_value(); }));
}

}  // namespace
}  // namespace ctl
