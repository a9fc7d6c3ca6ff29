// A transaction whose EndTxn gets no answer, on a broker that can be frozen (A3 of ADR 0007: a
// request still in flight could end the next transaction).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "tests/broker/consumer/kafka/consumer_bench.h"

namespace consumer {
namespace {

using common::Deadline;
using common::Result;
using std::chrono::seconds;
using ::testing::ElementsAre;

/// A client whose commit meets the fault that the test has set up.
class MolestedClient final : public TransactionalClient {
 public:
  MolestedClient(TransactionalClient& client, std::function<void()> before_commit)
      : client_(client), before_commit_(std::move(before_commit)) {}

  Result<void> Begin() override { return client_.Begin(); }
  Result<void> Produce(const OutgoingRecord& record, std::size_t position) override {
    return client_.Produce(record, position);
  }
  Result<void> SendOffsets(const std::vector<PartitionOffset>& offsets,
                           const GroupMembership& membership, Deadline deadline) override {
    return client_.SendOffsets(offsets, membership, deadline);
  }
  Result<void> Flush(Deadline deadline) override { return client_.Flush(deadline); }
  Result<void> Commit(Deadline deadline) override {
    if (before_commit_) std::exchange(before_commit_, nullptr)();
    return client_.Commit(deadline);
  }
  Result<void> Abort(Deadline deadline) override { return client_.Abort(deadline); }
  [[nodiscard]] std::vector<Refusal> Refusals() const override { return client_.Refusals(); }
  [[nodiscard]] std::vector<std::size_t> Undelivered() const override {
    return client_.Undelivered();
  }
  [[nodiscard]] EndRequests end_requests() const override { return client_.end_requests(); }

 private:
  TransactionalClient& client_;
  std::function<void()> before_commit_;
};

class CutTransaction : public ::testing::Test {
 protected:
  CutTransaction() {
    if (!member.PollUntilAssigned(1)) throw std::runtime_error("not assigned");
  }
  [[nodiscard]] Batch Callback(std::uint8_t number) {
    return ConsumerBench::OneCallback(0, number, number, *member.source().Membership());
  }
  [[nodiscard]] std::vector<std::string> Published() {
    return tests::Keys(bench.kafka().ReadSettled(bench.topics().processes));
  }

  // The broker's controller must not consider it dead while it is frozen. Otherwise its partitions
  // would lose their leader, and Kafka sometimes forgets to end a transaction on such a partition.
  const std::unique_ptr<tests::Broker> broker =
      tests::Broker::Start(1, {"broker.session.timeout.ms=60000"});
  ConsumerBench bench{1, *broker};
  Member member{bench, "a"};
};

TEST_F(CutTransaction, CommittedBySecondRequestIsLastOfItsProducer) {
  const auto producer = bench.Producer("a", {{"socket.timeout.ms", "3000"}});
  std::jthread thawing;
  MolestedClient molested(*producer, [&] {
    broker->Freeze(1);
    thawing = std::jthread([&] {
      const auto is_cut = [&] { return producer->end_requests().is_ambiguous; };
      EXPECT_TRUE(tests::WaitUntil(is_cut, seconds(50)));
      broker->Thaw(1);
    });
  });
  const TransactionEnd end = RunTransaction(molested, Callback(1), Soon());
  thawing.join();
  EXPECT_EQ(end.outcome, CommitOutcome::kCommitted) << end.detail;
  EXPECT_TRUE(end.must_recycle) << "the first request may still be in flight";

  const auto successor = bench.Producer("a");
  EXPECT_EQ(RunTransaction(*successor, Callback(2), Soon()).outcome, CommitOutcome::kCommitted);
  EXPECT_THAT(Published(), ElementsAre("p1", "p2"));
  ASSERT_TRUE(producer->Begin().has_value());
  ASSERT_TRUE(producer->Produce(Callback(3).records[0], 0).has_value());
  EXPECT_FALSE(producer->Flush(Soon()).has_value()) << "its late requests are fenced";
  EXPECT_THAT(Published(), ElementsAre("p1", "p2"));
}

TEST_F(CutTransaction, WithoutAnswerIsUnknownUntilNewProducerSettlesIt) {
  auto producer = bench.Producer("a");
  MolestedClient molested(*producer, [&] { broker->Freeze(1); });
  const TransactionEnd end = RunTransaction(molested, Callback(1), Deadline::After(seconds(10)));
  broker->Thaw(1);
  EXPECT_EQ(end.outcome, CommitOutcome::kUnknown) << end.detail;
  EXPECT_TRUE(end.must_recycle);
  producer.reset();

  const auto successor = bench.Producer("a");
  const auto offsets = bench.kafka().CommittedOffsets(bench.group(), bench.topics().callbacks);
  const bool is_committed = offsets.contains(0);
  if (!is_committed) {
    EXPECT_EQ(RunTransaction(*successor, Callback(1), Soon()).outcome, CommitOutcome::kCommitted);
  }
  EXPECT_EQ(RunTransaction(*successor, Callback(2), Soon()).outcome, CommitOutcome::kCommitted);
  EXPECT_THAT(Published(), ElementsAre("p1", "p2")) << (is_committed ? "committed" : "aborted");
}

}  // namespace
}  // namespace consumer
