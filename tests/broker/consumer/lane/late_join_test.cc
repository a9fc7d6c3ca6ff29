// Joins that a broker carries out after the member has abandoned them, or is dead.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "tests/broker/consumer/lane/consumer_run.h"
#include "tests/broker/consumer/watched_member.h"
#include "tests/harness/broker.h"

namespace consumer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

// A broker that was frozen for longer than the session carries out, when it wakes up, the join that
// its member had abandoned, possibly after the member's next join.
TEST(InstanceOfFrozenBroker, RejoinsWhenItsOwnLateJoinHasFencedIt) {
  const auto broker = tests::Broker::Start();
  ConsumerRun run(broker->bootstrap(), 1);
  // The session ends seconds before the connection does: the join goes out on the connection and is
  // lost.
  run.SetHeartbeat(seconds(3));
  const auto instance = run.Start("a");
  ASSERT_TRUE(tests::WaitUntil([&] { return ConsumerRun::IsReady(*instance); }, seconds(60)));
  // By then its first heartbeat has been answered. It goes out at once and would end with the
  // session.
  run.kafka().Produce(run.topics().callbacks, {ConsumerRun::Delivery(1)});
  ASSERT_TRUE(run.PublishedWithin(1, seconds(60))) << instance->Describe();
  broker->Freeze(1);
  const bool has_given_up =
      instance->WaitForOutput("GroupCoordinator/1: Timed out HeartbeatRequest", seconds(60));
  broker->Thaw(1);
  ASSERT_TRUE(has_given_up) << instance->Describe();
  ASSERT_TRUE(tests::WaitUntil([&] { return ConsumerRun::IsReady(*instance); }, seconds(60)))
      << instance->Describe();
  // A late join explains one fencing, and the broker may have carried it out as the last one.
  constexpr std::string_view kWhy = "its own late join has fenced it";
  if (instance->StandardError().find(kWhy) == std::string::npos) {
    run.kafka().SeizeMemberName(run.group(), run.group() + "-a-0", run.topics().callbacks);
  }
  run.kafka().Produce(run.topics().callbacks, {ConsumerRun::Delivery(2)});
  EXPECT_TRUE(run.PublishedWithin(2, seconds(60))) << instance->Describe();
  EXPECT_THAT(instance->StandardError(), HasSubstr(kWhy));
  EXPECT_EQ(instance->Terminate(seconds(15)), 0) << instance->Describe();
}

/// An instance with a supervisor that restarts it when it ends.
class Supervised {
 public:
  explicit Supervised(ConsumerRun& run) : run_(run), process_(run.Start("a")) {}

  void Serve() {
    if (process_->IsRunning()) return;
    ++restarts_;
    status_ = process_->WaitForExit(seconds(1));
    last_words_ = process_->StandardError();
    process_ = run_.Start("a");
  }
  [[nodiscard]] bool PublishesWithin(std::size_t count, milliseconds limit) {
    return tests::WaitUntil(
        [&] {
          Serve();
          return run_.Counts(run_.topics().processes).size() == count;
        },
        limit, milliseconds(200));
  }
  [[nodiscard]] tests::Process& process() { return *process_; }
  [[nodiscard]] int restarts() const { return restarts_; }
  [[nodiscard]] std::optional<int> status() const { return status_; }  ///< Of the last end.
  [[nodiscard]] const std::string& last_words() const { return last_words_; }

 private:
  ConsumerRun& run_;
  std::unique_ptr<tests::Process> process_;
  int restarts_ = 0;
  std::optional<int> status_;
  std::string last_words_;
};

// The predecessor was killed, and the broker has its join still before it. Which of the two joins
// it carries out last is its choice.
TEST(InstanceOfFrozenBroker, RecoversWithinOneRestartAfterPredecessorWasKilledWhileJoining) {
  // The controller must not take the leadership from the frozen broker.
  const auto broker = tests::Broker::Start(1, {"broker.session.timeout.ms=60000"});
  ConsumerRun run(broker->bootstrap(), 1);
  // With long intervals the session ends before the connection does: the join goes out on it.
  auto predecessor =
      std::make_unique<WatchedMember>(WatchedMemberSettings{.bootstrap = broker->bootstrap(),
                                                            .group = run.group(),
                                                            .topic = run.topics().callbacks,
                                                            .static_name = run.group() + "-a-0",
                                                            .session_ms = "6000",
                                                            .heartbeat_ms = "3000"});
  ASSERT_TRUE(tests::WaitUntil(
      [&] {
        predecessor->Poll();
        return predecessor->CountAssigned() == 1;
      },
      seconds(60)));
  run.kafka().Produce(run.topics().callbacks, {ConsumerRun::Delivery(1)});
  const int joins = predecessor->joins_sent();
  broker->Freeze(1);
  const bool is_joining = tests::WaitUntil(
      [&] {
        predecessor->Poll();
        return predecessor->joins_sent() > joins;
      },
      seconds(60));
  predecessor.reset();
  Supervised instance(run);
  const bool has_started = instance.process().WaitForOutput("consumer.started", seconds(60));
  broker->Thaw(1);
  ASSERT_TRUE(is_joining);
  ASSERT_TRUE(has_started) << instance.process().Describe();

  EXPECT_TRUE(instance.PublishesWithin(1, seconds(90))) << instance.process().Describe();
  EXPECT_LE(instance.restarts(), 1) << instance.last_words();
  if (instance.restarts() > 0) {
    EXPECT_THAT(instance.last_words(), HasSubstr(R"("code":"fenced")"));
  }
  EXPECT_EQ(instance.process().Terminate(seconds(15)), 0) << instance.process().Describe();
}

// As if the broker had carried out the predecessor's join last.
TEST(InstanceWithLateJoinOfItsPredecessor, EndsWithStatusOneAndRecoversWithOneRestart) {
  ConsumerRun run(tests::Broker::Shared().bootstrap(), 1);
  Supervised instance(run);
  run.kafka().Produce(run.topics().callbacks, {ConsumerRun::Delivery(1)});
  ASSERT_TRUE(instance.PublishesWithin(1, seconds(60))) << instance.process().Describe();
  run.kafka().SeizeMemberName(run.group(), run.group() + "-a-0", run.topics().callbacks);
  ASSERT_TRUE(tests::WaitUntil(
      [&] {
        instance.Serve();
        return instance.restarts() > 0;
      },
      seconds(60)));
  run.kafka().Produce(run.topics().callbacks, {ConsumerRun::Delivery(2)});
  EXPECT_TRUE(instance.PublishesWithin(2, seconds(60))) << instance.process().Describe();
  EXPECT_EQ(instance.restarts(), 1) << instance.last_words();
  EXPECT_EQ(instance.status(), 1);
  EXPECT_THAT(instance.last_words(), HasSubstr(R"("code":"fenced")"));
  EXPECT_EQ(instance.process().Terminate(seconds(15)), 0) << instance.process().Describe();
}

}  // namespace
}  // namespace consumer
