#include "common/kafka/partition_reader.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/kafka/topic_layout.h"
#include "tests/harness/broker.h"
#include "tests/support/kafka_client.h"
#include "tests/support/wait_until.h"

namespace common::kafka {
namespace {

using std::chrono::seconds;

constexpr int kPartitions = 300;

/// What a client has sent so far, as it last reported.
class SentBytes {
 public:
  void Attach(rd_kafka_conf_t* conf) {
    rd_kafka_conf_set(conf, "statistics.interval.ms", "100", nullptr, 0);
    rd_kafka_conf_set_opaque(conf, this);
    rd_kafka_conf_set_stats_cb(conf, &SentBytes::Take);
  }
  /// After another report.
  std::int64_t Await(rd_kafka_t* client) {
    reports_ = 0;
    const bool is_told = tests::WaitUntil(
        [&] {
          rd_kafka_message_t* const message = rd_kafka_consumer_poll(client, 10);
          if (message != nullptr) rd_kafka_message_destroy(message);
          return reports_ > 1;
        },
        seconds(20));
    EXPECT_TRUE(is_told);
    return bytes_;
  }

 private:
  static int Take(rd_kafka_t* /*client*/, char* json, std::size_t size, void* self) {
    constexpr std::string_view kName = "\"tx_bytes\":";
    auto& sent = *static_cast<SentBytes*>(self);
    const std::string_view text(json, size);
    const auto at = text.find(kName);
    if (at == std::string_view::npos) return 0;
    sent.bytes_ = std::strtoll(json + at + kName.size(), nullptr, 10);
    ++sent.reports_;
    return 0;
  }

  std::int64_t bytes_ = 0;
  int reports_ = 0;
};

// A broker answers with one batch larger than a partition's share, however many partitions a
// request asks for. Of the others, each request asks again.
TEST(PartitionReader, DoesNotAskForAllPartitionsAgainForEachRecord) {
  const std::string bootstrap = tests::Broker::Shared().bootstrap();
  tests::KafkaClient cluster(bootstrap);
  const std::string topic =
      cluster.CreateUniqueTopic("many", {.partitions = kPartitions, .configs = {}});
  std::vector<tests::Record> large;
  PartitionOffsets offsets;
  for (int partition = 0; partition < kPartitions; ++partition) {
    large.push_back({.value = std::string(20'000, 'x'), .partition = partition});
    offsets[Partition(partition)] = Offset(0);
  }
  cluster.Produce(topic, large);

  const Properties small = {{"bootstrap.servers", bootstrap}, {"fetch.message.max.bytes", "16384"}};
  const Properties defaults = ReaderDefaults();
  const Properties promises =
      ReaderPromises(tests::UniqueName("g"), IsolationLevel::kReadUncommitted);
  Conf conf = *BuildConf({&defaults, &small, &promises});
  SentBytes sent;
  sent.Attach(conf.get());
  Handle client = *NewConsumer(std::move(conf));
  rd_kafka_poll_set_consumer(client.get());
  ASSERT_EQ(FetchTopicLayout(client.get(), topic, Deadline::After(seconds(20))).count, kPartitions);

  std::set<Partition> visited;
  const auto visit = [&](const rd_kafka_message_t& message) {
    visited.insert(Partition(message.partition));
  };
  const auto without =
      ReadFirstRecords(client.get(), topic, offsets, visit, Deadline::After(seconds(60)));
  EXPECT_EQ(visited.size() + without.size(), kPartitions);
  // A partition takes about 30 bytes of a request: 300 requests for 25 partitions, not for 300.
  EXPECT_LT(sent.Await(client.get()), 1'000'000);
  rd_kafka_destroy_flags(client.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

}  // namespace
}  // namespace common::kafka
