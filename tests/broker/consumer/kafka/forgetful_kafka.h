#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/broker/consumer/kafka/consumer_bench.h"

namespace consumer {

inline constexpr int kPartitions = 6;
inline constexpr int kInternalPartitions = 4;

/// As Kafka finds the partition of a name: Java's hash of a string.
inline Partition InternalPartition(const std::string& name) {
  std::uint32_t hash = 0;
  for (const char c : name) hash = 31 * hash + static_cast<unsigned char>(c);
  return static_cast<Partition>((hash & 0x7fffffffU) % kInternalPartitions);
}

/// Three nodes whose `processes` has no replicas: one that is killed takes partitions along.
class ForgottenTransaction : public ::testing::Test {
 protected:
  explicit ForgottenTransaction(const std::vector<std::string>& properties = {})
      : broker(tests::Broker::Start(3, properties)), bench(kPartitions, *broker, 3) {
    bench.topics().processes = bench.kafka().CreateUniqueTopic("processes", {kPartitions, 1, {}});
  }

  /// Nodes without which no transaction of that instance could go on.
  std::set<std::int32_t> Coordinators(const std::string& instance) {
    return {bench.kafka().LeaderOf("__transaction_state",
                                   InternalPartition(bench.Settings(instance).transactional_id())),
            bench.kafka().LeaderOf("__consumer_offsets", InternalPartition(bench.group()))};
  }
  /// Kills the leader of a partition that has no other one, and awaits that Kafka says so.
  void Behead(const std::string& topic, Partition partition) {
    victim = bench.kafka().LeaderOf(topic, partition);
    broker->Kill(victim);
    ASSERT_TRUE(tests::WaitUntil([&] { return bench.kafka().LeaderOf(topic, partition) < 0; },
                                 std::chrono::seconds(60)));
  }
  void Revive(const std::string& topic, Partition partition) {
    broker->Restart(victim);
    ASSERT_TRUE(tests::WaitUntil([&] { return bench.kafka().LeaderOf(topic, partition) >= 0; },
                                 std::chrono::seconds(60)));
  }

  /// A partition of `processes` whose leader no transaction needs.
  Partition Expendable(const std::string& instance) {
    // Make the topics of the coordinators.
    (void)bench.Producer(instance);
    (void)bench.kafka().CommittedOffsets(bench.group(), bench.topics().callbacks);
    std::set<std::int32_t> needed;
    EXPECT_TRUE(tests::WaitUntil(
        [&] {
          needed = Coordinators(instance);
          return !needed.contains(-1);
        },
        std::chrono::seconds(60)));
    for (Partition partition = 0; partition < kPartitions; ++partition) {
      if (!needed.contains(bench.kafka().LeaderOf(bench.topics().processes, partition))) {
        return partition;
      }
    }
    throw std::runtime_error("every node is needed");
  }
  /// Leaves a record of an aborted transaction open there, for good.
  void ForgetAnAbort(const std::string& instance, Partition partition) {
    const auto producer = bench.Producer(instance);
    ASSERT_TRUE(producer->Begin());
    OutgoingRecord aborted = ConsumerBench::OneCallback(partition, 1, 1, {}).records[0];
    aborted.key = "aborted";
    ASSERT_TRUE(producer->Produce(aborted, 0));
    ASSERT_TRUE(producer->Flush(Soon()));
    Behead(bench.topics().processes, partition);
    const auto ended = producer->Abort(Soon());
    ASSERT_TRUE(ended) << ended.error().detail;
    Revive(bench.topics().processes, partition);
    ASSERT_EQ(bench.kafka().HighWatermark(bench.topics().processes, partition), 1);
    ASSERT_EQ(bench.kafka().LastStableOffset(bench.topics().processes, partition), 0)
        << "this Kafka does not forget";
  }

  /// Leaves the result of a committed transaction open there, for good; its marker is committed.
  void ForgetACommit(const std::string& instance, Partition partition,
                     const GroupMembership& membership) {
    const auto producer = bench.Producer(instance);
    ASSERT_TRUE(producer->Begin());
    const Batch batch = ConsumerBench::OneCallback(partition, 1, 1, membership);
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
      ASSERT_TRUE(producer->Produce(batch.records[i], i));
    }
    ASSERT_TRUE(producer->Flush(Soon()));
    ASSERT_TRUE(producer->SendOffsets(batch.offsets, membership, Soon()));
    Behead(bench.topics().processes, partition);
    const auto ended = producer->Commit(Soon());
    ASSERT_TRUE(ended) << ended.error().detail;
    Revive(bench.topics().processes, partition);
    ASSERT_EQ(bench.kafka().LastStableOffset(bench.topics().processes, partition), 0)
        << "this Kafka does not forget";
  }

  std::unique_ptr<tests::Broker> broker;
  ConsumerBench bench;
  int victim = 0;
};

}  // namespace consumer
