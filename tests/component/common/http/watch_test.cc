#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <list>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "common/base/fd.h"
#include "tests/component/common/http/scripted_service.h"
#include "tests/support/raw_client.h"
#include "tests/support/wait_until.h"

namespace common::http {
namespace {

using namespace std::chrono_literals;
using tests::PostRequest;
using tests::RawClient;
using Clock = std::chrono::steady_clock;

/// A server whose worker answers everything that waits when the event was written to.
class Watch : public testing::Test {
 protected:
  void Start(int threads) {
    ServerOptions options;
    options.threads = threads;
    options.watch = {.event = event_.get(), .on_event = [this] { OnEvent(); }};
    running_ = std::make_unique<RunningServer>(options);
    is_started_ = true;
  }
  ~Watch() override { running_.reset(); }

  void OnEvent() {
    if (must_throw_.exchange(false)) throw std::runtime_error("a defect");
    if (!is_started_ || !may_answer_) return;
    std::vector<Completion> completions;
    while (const auto ticket = running_->service().TakeTicket(0ms)) {
      completions.push_back({.ticket = *ticket, .answer = {.body = "watched"}});
    }
    running_->server().Complete(completions);
  }
  void Signal() const { ::eventfd_write(event_.get(), 1); }

  const Fd event_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  std::atomic<bool> is_started_ = false;
  std::atomic<bool> may_answer_ = true;
  std::atomic<bool> must_throw_ = false;
  std::unique_ptr<RunningServer> running_;
};

TEST_F(Watch, AnswersAsSoonAsTheEventIsWrittenTo) {
  Start(1);
  RawClient client(running_->port());
  std::vector<Clock::duration> rounds;
  while (rounds.size() < 31) {
    may_answer_ = false;
    client.Send(PostRequest("/later", "x"));
    ASSERT_TRUE(tests::WaitUntil(
        [&] { return running_->server().stats().requests == rounds.size() + 1; }, 5s));
    may_answer_ = true;
    const auto start = Clock::now();
    Signal();
    ASSERT_TRUE(client.Read(5s));
    rounds.push_back(Clock::now() - start);
  }
  // The tick alone, which looks every 100 ms, would need nearly as long.
  std::ranges::nth_element(rounds, rounds.begin() + 15);
  EXPECT_LT(rounds[15], 50ms);
}

TEST_F(Watch, AnswersTheClientsOfEveryWorker) {
  Start(2);
  std::list<RawClient> clients;
  for (int i = 0; i < 32; ++i) clients.emplace_back(running_->port());
  for (std::uint64_t round = 1; round <= 20; ++round) {
    may_answer_ = false;
    for (RawClient& client : clients) client.Send(PostRequest("/later", "x"));
    ASSERT_TRUE(tests::WaitUntil(
        [&] { return running_->server().stats().requests == round * clients.size(); }, 10s));
    may_answer_ = true;
    Signal();
    for (RawClient& client : clients) {
      const auto answer = client.Read(5s);
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->body, "watched");
    }
  }
}

TEST_F(Watch, LooksFromTimeToTimeThoughNobodyWrites) {
  Start(1);
  RawClient client(running_->port());
  client.Send(PostRequest("/later", "x"));
  EXPECT_TRUE(client.Read(5s));
}

TEST_F(Watch, GoesOnAfterAnException) {
  Start(1);
  must_throw_ = true;
  Signal();
  EXPECT_TRUE(
      tests::WaitUntil([&] { return running_->server().stats().service_exceptions == 1; }, 5s));
  RawClient client(running_->port());
  client.Send(PostRequest("/later", "x"));
  EXPECT_TRUE(client.Read(5s));
}

}  // namespace
}  // namespace common::http
