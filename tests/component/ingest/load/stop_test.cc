#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/component/ingest/load/blocked_ingest.h"
#include "tests/component/ingest/support/raw_connection.h"
#include "tests/component/ingest/support/running_ingest.h"
#include "tests/support/wait_until.h"

// A stop under load: every received request is answered, and 200 only if it is stored.
namespace ingest {
namespace {

using common::Deadline;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Sends callbacks one after the other on one connection, until an answer closes it.
class Client {
 public:
  explicit Client(std::uint16_t port) : thread_([this, port] { Run(port); }) {}

  [[nodiscard]] int stored() const { return stored_; }
  [[nodiscard]] int refused() const { return refused_; }
  /// Requests whose connection closed without an answer.
  [[nodiscard]] int unanswered() const { return unanswered_; }
  void Join() { thread_.join(); }

 private:
  void Run(std::uint16_t port) {
    RawConnection connection(port);
    std::optional<std::string> answer;
    do {
      // Sends two parts, so that the stop also finds requests with only their head read.
      const std::string request = PostOf("/callbacks/onfido", "onfido-secret", "{}");
      const bool is_sent =
          connection.Send(request.substr(0, request.size() - 1)) && connection.Send("}");
      answer = connection.ReadAnswer(seconds(30));
      if (!answer) {
        unanswered_ += is_sent ? 1 : 0;
        return;
      }
      ++(StatusOf(answer) == 200 ? stored_ : refused_);
    } while (!Summary(answer).ends_with("close"));
  }

  std::atomic<int> stored_ = 0;
  std::atomic<int> refused_ = 0;
  std::atomic<int> unanswered_ = 0;
  std::jthread thread_;  // Last: its thread uses the members above.
};

class Clients {
 public:
  Clients(std::uint16_t port, int count) {
    for (int i = 0; i < count; ++i) clients_.push_back(std::make_unique<Client>(port));
  }
  [[nodiscard]] int Sum(int (Client::*what)() const) const {
    int sum = 0;
    for (const auto& client : clients_) sum += ((*client).*what)();
    return sum;
  }
  /// True once each client has this many answers.
  [[nodiscard]] bool WaitForAnswers(int count) const {
    return tests::WaitUntil(
        [&] {
          return std::all_of(clients_.begin(), clients_.end(), [&](const auto& client) {
            return client->stored() + client->refused() >= count;
          });
        },
        seconds(30));
  }
  void Join() {
    for (const auto& client : clients_) client->Join();
  }

 private:
  std::vector<std::unique_ptr<Client>> clients_;
};

TEST(StopUnderLoad, AnswersEveryRequestAnd200OnlyForStoredOnes) {
  BlockedIngest ingest({});
  Clients clients(ingest.port(), 24);
  std::jthread storing([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      ingest.sink().ReleaseAll();
      std::this_thread::sleep_for(milliseconds(1));
    }
  });
  ASSERT_TRUE(clients.WaitForAnswers(20));
  EXPECT_TRUE(ingest.instance().Drain(milliseconds(0), seconds(30)).all_answered);
  clients.Join();
  EXPECT_EQ(clients.Sum(&Client::unanswered), 0);
  EXPECT_EQ(clients.Sum(&Client::refused), 0);
  EXPECT_EQ(static_cast<std::size_t>(clients.Sum(&Client::stored)), ingest.sink().offers());
}

TEST(StopUnderLoad, AnswersUnstoredRequestsAsDraining) {
  BlockedIngest ingest({});
  Clients clients(ingest.port(), 24);
  ASSERT_TRUE(ingest.WaitUntilInFlight(24));
  ingest.instance().Drain(milliseconds(0), milliseconds(100));
  EXPECT_TRUE(ingest.server().WaitDrained(Deadline::After(seconds(30))));
  clients.Join();
  EXPECT_EQ(clients.Sum(&Client::unanswered), 0);
  EXPECT_EQ(clients.Sum(&Client::stored), 0);
  EXPECT_EQ(clients.Sum(&Client::refused), 24);
}

TEST(EarlyFailure, ExitsWhileADiskHangs) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto start_on_a_taken_port = [] {
    BlockedIngest first({});
    BlockedIngest::Options options;
    options.faults.has_stuck_disk = true;
    options.admin_port = first.port();
    (void)BlockedIngest::Run(options);
    ::_exit(3);
  };
  EXPECT_EXIT(start_on_a_taken_port(), testing::ExitedWithCode(1), "");
}

TEST(StopThatHangs, EndsAtItsDeadline) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  BlockedIngest::Options options;
  options.faults.is_stopped = true;
  options.drain_delay = milliseconds(100);
  options.answer_deadline = milliseconds(200);
  const auto run = [&] {
    const int status = BlockedIngest::Run(options);
    ::_exit(status == 0 ? 3 : status);
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(3), "") << "nothing hangs";
  BlockedIngest::Options hanging = options;
  hanging.faults.hangs_at_close = true;
  std::swap(options, hanging);
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "ingest.stop_cut_short");
  std::swap(options, hanging);
  options.has_stuck_traces = true;
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "ingest.stop_cut_short");
}

TEST(StopThatHangs, EndsSoonOnceOnlyDestructorsHang) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  BlockedIngest::Options options;
  options.faults.is_stopped = true;
  options.faults.hangs_at_end = true;
  options.drain_delay = milliseconds(0);
  options.answer_deadline = seconds(600);
  const auto run = [&] {
    (void)BlockedIngest::Run(options);
    ::_exit(3);
  };
  const auto before = Deadline::Clock::now();
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "ingest.stop_cut_short");
  EXPECT_LT(Deadline::Clock::now() - before, seconds(60));
}

TEST(StopUnderLoad, LeavesNoRequestToTheBinaryUnanswered) {
  for (int run = 0; run < 3; ++run) {
    RunningIngest ingest({.more = "drain_delay: 200ms\nack_deadline: 300ms\n"});
    Clients clients(ingest.port(), 24);
    ASSERT_TRUE(clients.WaitForAnswers(5));
    ingest.process().Signal(SIGTERM);
    EXPECT_EQ(ingest.process().WaitForExit(seconds(30)), 0) << ingest.process().Describe();
    clients.Join();
    EXPECT_EQ(clients.Sum(&Client::unanswered), 0) << "run " << run;
    EXPECT_EQ(clients.Sum(&Client::stored), 0) << "there is no Kafka";
  }
}

}  // namespace
}  // namespace ingest
