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

/// Kafka's partition for a name: the absolute value of Java's hash of a string.
inline std::int32_t InternalPartition(const std::string& name) {
  std::uint32_t hash = 0;
  for (const char c : name) hash = 31 * hash + static_cast<unsigned char>(c);
  const std::int64_t value = static_cast<std::int32_t>(hash);
  return static_cast<std::int32_t>((value < 0 ? -value : value) % kInternalPartitions);
}

/// Three nodes whose `processes` has no replicas: killing one takes partitions offline.
class ForgottenTransaction : public ::testing::Test {
 protected:
  explicit ForgottenTransaction(const std::vector<std::string>& properties = {})
      : broker(tests::Broker::Start(3, properties)), bench(kPartitions, *broker, 3) {
    bench.topics().processes = bench.kafka().CreateUniqueTopic("processes", {kPartitions, 1, {}});
  }

  /// The node that coordinates that instance's transactions. Kafka creates the topic at the first
  /// request for it.
  std::int32_t TransactionCoordinator(const std::string& instance) {
    (void)bench.Producer(instance);
    return bench.kafka().AwaitLeader(
        "__transaction_state", InternalPartition(bench.Settings(instance).transactional_id()));
  }
  std::int32_t GroupCoordinator() {
    (void)bench.kafka().CommittedOffsets(bench.group(), bench.topics().callbacks);
    return bench.kafka().AwaitLeader("__consumer_offsets", InternalPartition(bench.group()));
  }
  /// Kills the leader of a partition that has no other replica. A coordinator that does not know it
  /// yet would send its marker to the dead node until the node is back, and forget nothing.
  void Behead(const std::string& topic, std::int32_t partition) {
    victim = bench.kafka().LeaderOf(topic, partition);
    broker->Kill(victim);
    bench.kafka().AwaitNoLeader(topic, partition);
  }
  void Revive(const std::string& topic, std::int32_t partition) {
    broker->Restart(victim);
    bench.kafka().AwaitLeader(topic, partition);
  }

  /// A partition of `processes` whose leader no transaction needs.
  std::int32_t Expendable(const std::string& instance) {
    const std::set<std::int32_t> needed = {TransactionCoordinator(instance), GroupCoordinator()};
    for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
      if (!needed.contains(bench.kafka().LeaderOf(bench.topics().processes, partition))) {
        return partition;
      }
    }
    throw std::runtime_error("no node is expendable");
  }
  /// Leaves a record of an aborted transaction open there, for good.
  void ForgetAnAbort(const std::string& instance, std::int32_t partition) {
    const auto before = bench.kafka().HighWatermark(bench.topics().processes, partition);
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
    ASSERT_EQ(bench.kafka().HighWatermark(bench.topics().processes, partition), before + 1);
    ASSERT_EQ(bench.kafka().LastStableOffset(bench.topics().processes, partition), before)
        << "this Kafka does not forget transactions";
  }

  /// Leaves the result of a committed transaction open there, for good; its marker is committed.
  void ForgetACommit(const std::string& instance, std::int32_t partition,
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
        << "this Kafka does not forget transactions";
  }

  std::unique_ptr<tests::Broker> broker;
  ConsumerBench bench;
  int victim = 0;
};

}  // namespace consumer
