#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "common/base/deadline.h"
#include "common/domain/marker.h"
#include "consumer/kafka/log_reader.h"
#include "consumer/kafka/transactional_producer.h"
#include "consumer/lane/source.h"
#include "consumer/lane/transaction.h"
#include "tests/support/wait_until.h"

namespace consumer {

/// A member of a contract's group.
class ContractMember final : private SourceListener {
 public:
  explicit ContractMember(std::unique_ptr<Source> source) : source_(std::move(source)) {}

  /// Polls until it holds, for a minute at most.
  template <typename Condition>
  [[nodiscard]] bool PollUntil(Condition holds) {
    return tests::WaitUntil(
        [&] {
          Poll();
          return holds();
        },
        std::chrono::seconds(60));
  }
  [[nodiscard]] bool PollUntilAssigned(std::size_t partitions) {
    return PollUntil([&] { return is_assigned && assigned.size() == partitions; });
  }
  /// Seeks, and resumes what an assignment has paused.
  [[nodiscard]] bool ReadFrom(Partition partition, Offset offset) {
    const bool has_sought = PollUntil([&] {
      return !source_->Seek({{partition, offset}}).empty();
    });
    source_->Resume({partition});
    return has_sought;
  }
  void Poll() { source_->Poll(*this, 100); }
  void Renew() { source_->Renew(*this, Source::MemberName::kSame); }
  [[nodiscard]] Source& source() { return *source_; }

  std::vector<Partition> assigned;
  bool is_assigned = false;
  std::vector<std::string> keys;  ///< Of the records that came.
  std::vector<Partition> refused;

 private:
  void Assigned(const std::vector<Partition>& partitions) override {
    assigned = partitions;
    is_assigned = true;
  }
  void Revoked(bool /*is_lost*/) override {
    assigned.clear();
    is_assigned = false;
  }
  bool Take(const ArrivedRecord& record) override {
    keys.emplace_back(record.key);
    return true;
  }
  void AtEnd(Partition /*partition*/, Offset /*offset*/) override {}
  void PositionRefused(Partition partition) override { refused.push_back(partition); }

  std::unique_ptr<Source> source_;
};

/// What consumer relies on of a Kafka behind its ports. A real broker and the simulation's model
/// must both keep it, or the model proves nothing.
///
/// `Kafka` has:
///   Kafka(int partitions)          topics and a group of its own
///   Run(body)                      calls it where clients work
///   Settings(instance), log(), topics()
///   MakeSource(instance)           a member that joins
///   Write(partition, key)          a callback
///   KeysOn(topic)                  what a read_committed reader sees once nothing is open
template <typename Kafka>
class KafkaContract : public ::testing::Test {
 protected:
  static common::Deadline Soon() { return common::Deadline::After(std::chrono::seconds(60)); }

  static std::unique_ptr<TransactionalProducer> Producer(Kafka& kafka,
                                                         const std::string& instance) {
    auto producer = TransactionalProducer::Create(kafka.Settings(instance), kafka.log());
    if (!producer) throw std::runtime_error(producer.error().detail);
    if (const auto ready = (*producer)->Initialise(Soon()); !ready) {
      throw std::runtime_error(ready.error().detail);
    }
    return *std::move(producer);
  }

  /// A result with its marker, and the offset behind its callback.
  static Batch OneCallback(int partition, std::int64_t offset, const GroupMembership& membership) {
    Batch batch;
    const std::string key = "p" + std::to_string(offset);
    batch.records = {{.topic = OutgoingTopic::kProcesses,
                      .partition = Partition(partition),
                      .timestamp = std::nullopt,
                      .key = key,
                      .value = "{}",
                      .headers = {}},
                     {.topic = OutgoingTopic::kSeen,
                      .partition = Partition(partition),
                      .timestamp = common::WallNow() - std::chrono::minutes(5),
                      .key = key,
                      .value = {},
                      .headers = common::MarkerHeaders(common::MarkerOutcome::kPublished)}};
    batch.offsets = {{Partition(partition), Offset(offset)}};
    batch.membership = membership;
    return batch;
  }
  /// All but the end.
  static void SendAll(TransactionalProducer& producer, const Batch& batch) {
    ASSERT_TRUE(producer.Begin());
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
      ASSERT_TRUE(producer.Produce(batch.records[i], i));
    }
    ASSERT_TRUE(producer.Flush(Soon()));
    ASSERT_TRUE(producer.SendOffsets(batch.offsets, batch.membership, Soon()));
  }

  /// None: it could not be looked up. -1: nothing is committed.
  static std::optional<std::int64_t> Committed(LogReader& reader, int partition,
                                               LogReader::Stability stability) {
    const auto found = reader.Committed({Partition(partition)}, stability,
                                        common::Deadline::After(std::chrono::seconds(2)));
    const auto at = found.find(Partition(partition));
    if (at == found.end()) return std::nullopt;
    return at->second.is_absent ? -1 : at->second.offset.number();
  }
  static bool BecomesStable(LogReader& reader, int partition, std::int64_t offset) {
    return tests::WaitUntil(
        [&] { return Committed(reader, partition, LogReader::Stability::kStable) == offset; },
        std::chrono::seconds(60));
  }
};

TYPED_TEST_SUITE_P(KafkaContract);

TYPED_TEST_P(KafkaContract, TransactionIsVisibleAsAWhole) {
  TypeParam kafka(2);
  kafka.Run([&] {
    ContractMember member(kafka.MakeSource("a"));
    ASSERT_TRUE(member.PollUntilAssigned(2));
    const auto producer = this->Producer(kafka, "a");
    const auto reader = *LogReader::Create(kafka.Settings("a"), kafka.log());
    this->SendAll(*producer, this->OneCallback(1, 5, *member.source().Membership()));
    ASSERT_TRUE(producer->Abort(this->Soon()));
    EXPECT_TRUE(this->BecomesStable(*reader, 1, -1));
    const auto end = RunTransaction(
        *producer, this->OneCallback(1, 6, *member.source().Membership()), this->Soon());
    EXPECT_EQ(end.outcome, CommitOutcome::kCommitted) << end.detail;
    EXPECT_TRUE(this->BecomesStable(*reader, 1, 6));
    EXPECT_THAT(kafka.KeysOn(kafka.topics().processes), ::testing::ElementsAre("p6"));
    EXPECT_THAT(kafka.KeysOn(kafka.topics().seen), ::testing::ElementsAre("p6"));
  });
}

TYPED_TEST_P(KafkaContract, PendingOffsetHoldsUpTheStableLookUpOfItsPartitionOnly) {
  using Stability = LogReader::Stability;
  TypeParam kafka(2);
  kafka.Run([&] {
    ContractMember member(kafka.MakeSource("a"));
    ASSERT_TRUE(member.PollUntilAssigned(2));
    const GroupMembership membership = *member.source().Membership();
    const auto producer = this->Producer(kafka, "a");
    const auto reader = *LogReader::Create(kafka.Settings("a"), kafka.log());
    ASSERT_EQ(RunTransaction(*producer, this->OneCallback(0, 3, membership), this->Soon()).outcome,
              CommitOutcome::kCommitted);
    ASSERT_TRUE(this->BecomesStable(*reader, 0, 3));

    this->SendAll(*producer, this->OneCallback(0, 7, membership));
    EXPECT_EQ(this->Committed(*reader, 0, Stability::kRough), 3);
    EXPECT_EQ(this->Committed(*reader, 0, Stability::kStable), std::nullopt);
    EXPECT_EQ(this->Committed(*reader, 1, Stability::kStable), -1);
    ASSERT_TRUE(producer->Abort(this->Soon()));
    EXPECT_TRUE(this->BecomesStable(*reader, 0, 3)) << "what was aborted is in force";

    EXPECT_FALSE(TryOffsets(*producer, this->OneCallback(0, 8, membership), this->Soon()));
    EXPECT_TRUE(this->BecomesStable(*reader, 0, 3)) << "what was tried is in force";

    this->SendAll(*producer, this->OneCallback(0, 9, membership));
    ASSERT_TRUE(producer->Commit(this->Soon()));
    EXPECT_TRUE(this->BecomesStable(*reader, 0, 9));
  });
}

TYPED_TEST_P(KafkaContract, NewProducerAbortsAndFencesItsPredecessor) {
  TypeParam kafka(1);
  kafka.Run([&] {
    ContractMember member(kafka.MakeSource("a"));
    ASSERT_TRUE(member.PollUntilAssigned(1));
    const GroupMembership membership = *member.source().Membership();
    const auto reader = *LogReader::Create(kafka.Settings("a"), kafka.log());
    const auto older = this->Producer(kafka, "a");
    this->SendAll(*older, this->OneCallback(0, 1, membership));
    const auto newer = this->Producer(kafka, "a");
    const auto committed = older->Commit(this->Soon());
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.error().remedy, common::Remedy::kStop);
    EXPECT_EQ(committed.error().code, "fenced");
    EXPECT_TRUE(this->BecomesStable(*reader, 0, -1));
    const auto end = RunTransaction(*newer, this->OneCallback(0, 2, membership), this->Soon());
    EXPECT_EQ(end.outcome, CommitOutcome::kCommitted) << end.detail;
    EXPECT_THAT(kafka.KeysOn(kafka.topics().processes), ::testing::ElementsAre("p2"));
  });
}

TYPED_TEST_P(KafkaContract, OldGenerationCannotCommit) {
  TypeParam kafka(2);
  kafka.Run([&] {
    ContractMember zombie(kafka.MakeSource("a"));
    ASSERT_TRUE(zombie.PollUntilAssigned(2));
    const GroupMembership old = *zombie.source().Membership();
    const auto producer = this->Producer(kafka, "a");
    ContractMember successor(kafka.MakeSource("b"));
    ASSERT_TRUE(zombie.PollUntil([&] {
      successor.Poll();
      return zombie.assigned.size() == 1 && successor.assigned.size() == 1;
    }));
    const auto refused = RunTransaction(*producer, this->OneCallback(0, 1, old), this->Soon());
    EXPECT_EQ(refused.outcome, CommitOutcome::kAborted);
    const auto again = RunTransaction(
        *producer, this->OneCallback(0, 2, *zombie.source().Membership()), this->Soon());
    EXPECT_EQ(again.outcome, CommitOutcome::kCommitted) << again.detail;
    EXPECT_THAT(kafka.KeysOn(kafka.topics().processes), ::testing::ElementsAre("p2"));
  });
}

TYPED_TEST_P(KafkaContract, SecondMemberOfANameFencesTheFirst) {
  TypeParam kafka(1);
  kafka.Run([&] {
    ContractMember older(kafka.MakeSource("same"));
    ASSERT_TRUE(older.PollUntilAssigned(1));
    ContractMember newer(kafka.MakeSource("same"));
    EXPECT_TRUE(older.PollUntil([&] {
      newer.Poll();
      return older.source().failure().has_value();
    }));
    EXPECT_EQ(older.source().failure()->code, "fenced");
    EXPECT_TRUE(newer.PollUntilAssigned(1));
  });
}

TYPED_TEST_P(KafkaContract, RefusedPositionEndsTheReadingOfItsPartitionUntilANewClient) {
  TypeParam kafka(2);
  kafka.Run([&] {
    for (const char* const key : {"k0", "k1"}) kafka.Write(0, key);
    kafka.Write(1, "other");
    ContractMember member(kafka.MakeSource("a"));
    ASSERT_TRUE(member.PollUntilAssigned(2));
    ASSERT_TRUE(member.ReadFrom(Partition(0), Offset(7)));
    ASSERT_TRUE(member.ReadFrom(Partition(1), Offset(0)));
    EXPECT_TRUE(member.PollUntil([&] { return !member.refused.empty() && !member.keys.empty(); }));
    EXPECT_THAT(member.refused, ::testing::ElementsAre(Partition(0)));
    EXPECT_THAT(member.keys, ::testing::ElementsAre("other"));
    EXPECT_TRUE(member.source().Seek({{Partition(0), Offset(1)}}).empty());
    member.Renew();
    ASSERT_TRUE(member.PollUntilAssigned(2));
    ASSERT_TRUE(member.ReadFrom(Partition(0), Offset(1)));
    EXPECT_TRUE(member.PollUntil([&] { return member.keys.size() == 2; }));
    EXPECT_THAT(member.keys, ::testing::ElementsAre("other", "k1"));
  });
}

TYPED_TEST_P(KafkaContract, PauseLosesAndRepeatsNothing) {
  TypeParam kafka(1);
  kafka.Run([&] {
    kafka.Write(0, "k0");
    ContractMember member(kafka.MakeSource("a"));
    ASSERT_TRUE(member.PollUntilAssigned(1));
    ASSERT_TRUE(member.ReadFrom(Partition(0), Offset(0)));
    EXPECT_TRUE(member.PollUntil([&] { return member.keys.size() == 1; }));
    member.source().Pause({Partition(0)});
    for (const char* const key : {"k1", "k2"}) kafka.Write(0, key);
    member.Poll();
    member.source().Resume({Partition(0)});
    EXPECT_TRUE(member.PollUntil([&] { return member.keys.size() == 3; }));
    EXPECT_THAT(member.keys, ::testing::ElementsAre("k0", "k1", "k2"));
  });
}

REGISTER_TYPED_TEST_SUITE_P(KafkaContract, TransactionIsVisibleAsAWhole,
                            PendingOffsetHoldsUpTheStableLookUpOfItsPartitionOnly,
                            NewProducerAbortsAndFencesItsPredecessor, OldGenerationCannotCommit,
                            SecondMemberOfANameFencesTheFirst,
                            RefusedPositionEndsTheReadingOfItsPartitionUntilANewClient,
                            PauseLosesAndRepeatsNothing);

}  // namespace consumer
