// Answers from other threads, whatever the clients do meanwhile.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/component/common/http/scripted_service.h"
#include "tests/support/raw_client.h"
#include "tests/support/wait_until.h"

namespace common::http {
namespace {

using namespace std::chrono_literals;
using tests::PostRequest;
using tests::RawClient;
using Clock = std::chrono::steady_clock;

/// How long the tests with random timing run; SLUICE_TEST_SECONDS makes them long.
std::chrono::milliseconds RunTime() {
  const char* seconds = std::getenv("SLUICE_TEST_SECONDS");
  return seconds == nullptr ? 1000ms : std::chrono::seconds(std::atoi(seconds));
}

/// Answers from a thread of its own; /refuse is refused at Admit.
class ForeignService final : public Service {
 public:
  Admission Admit(const RequestHead& head) override {
    if (head.path == "/refuse") return {.refusal = Answer{.status = 503}, .tag = kRefusedTag};
    return {.refusal = {}, .tag = kServedTag};
  }
  std::optional<Answer> Handle(const RequestHead& /*head*/, std::string_view body,
                               std::uint32_t /*tag*/, const Ticket& ticket) override {
    bool was_empty = false;
    {
      const std::lock_guard lock(mutex_);
      was_empty = waiting_.empty();
      waiting_.push_back({.ticket = ticket, .answer = {.body = std::string(body)}});
    }
    ++in_flight;
    if (was_empty) wake_.notify_one();
    return std::nullopt;
  }
  Answer AnswerFault(HttpFault fault, std::optional<std::uint32_t> /*tag*/) override {
    return Answer{.status = DefaultStatus(fault)};
  }

  void Run(Server& server) {
    while (true) {
      std::vector<Completion> batch;
      {
        std::unique_lock lock(mutex_);
        if (!wake_.wait_for(lock, 5s, [this] { return stop_ || !waiting_.empty(); })) continue;
        if (waiting_.empty()) return;
        batch.swap(waiting_);
      }
      const int completed = static_cast<int>(batch.size());
      server.Complete(batch);
      in_flight -= completed;
    }
  }
  void Stop() {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    wake_.notify_all();
  }

  std::atomic<int> in_flight{0};

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Completion> waiting_;
  bool stop_ = false;
};

class ForeignAnswers : public testing::TestWithParam<int> {
 protected:
  ForeignAnswers() {
    ServerOptions options;
    options.threads = GetParam();
    auto server = Server::Start(options, service_);
    if (!server) throw std::runtime_error(server.error().detail);
    server_ = *std::move(server);
    for (int i = 0; i < 2; ++i) responders_.emplace_back([this] { service_.Run(*server_); });
  }
  ~ForeignAnswers() override {
    service_.Stop();
    for (std::thread& responder : responders_) responder.join();
  }

  ForeignService service_;
  std::unique_ptr<Server> server_;
  std::vector<std::thread> responders_;
};

TEST_P(ForeignAnswers, NeverReachAnotherClient) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::atomic<bool> stop{false};
  std::atomic<int> aborted{0};
  std::atomic<int> refused{0};
  std::atomic<int> wrong{0};
  std::vector<std::thread> clients;
  for (unsigned i = 0; i < 2; ++i) {
    clients.emplace_back([&, i] {
      std::mt19937 random(seed + i);
      while (!stop) {
        RawClient client(server_->port());
        client.Send(PostRequest("/", "{}"));
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 100));
        if (random() % 2 == 0) {
          client.Abort();
        } else {
          client.Close();
        }
        ++aborted;
      }
    });
  }
  for (unsigned i = 0; i < 3; ++i) {
    clients.emplace_back([&, i] {
      std::mt19937 random(seed + 10 + i);
      while (!stop) {
        RawClient client(server_->port());
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 300));
        client.Send(PostRequest("/refuse", "{}"));
        const auto answer = client.Read();
        ++(answer && answer->status == 503 ? refused : wrong);
        if (client.HearsWithin(0ms)) ++wrong;
      }
    });
  }
  // Pipelining clients that see each of their own answers, beside the others.
  clients.emplace_back([&] {
    while (!stop) {
      RawClient client(server_->port());
      client.Send(PostRequest("/", "a") + PostRequest("/", "b") + PostRequest("/refuse", "c"));
      const auto a = client.Read();
      const auto b = client.Read();
      const auto c = client.Read();
      if (!a || a->body != "a" || !b || b->body != "b" || !c || c->status != 503) ++wrong;
    }
  });
  clients.emplace_back([&] {
    while (!stop) {
      RawClient client(server_->port());
      client.Send("A{B");
      const auto answer = client.Read();
      if (answer && answer->status != 400) ++wrong;
    }
  });
  std::this_thread::sleep_for(RunTime());
  stop = true;
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(wrong, 0) << "of " << refused << " refused requests beside " << aborted << " aborted";
  EXPECT_GT(refused, 0);
  EXPECT_GT(aborted, 0);
  EXPECT_TRUE(tests::WaitUntil([&] { return service_.in_flight == 0; }, 5s));
  EXPECT_TRUE(tests::WaitUntil([&] { return server_->stats().open_connections == 0; }, 5s));
}

TEST_P(ForeignAnswers, AreNeverForgottenUntilTheNextOne) {
  constexpr int kClients = 4;
  std::vector<RawClient> clients;
  for (int i = 0; i < kClients; ++i) clients.emplace_back(server_->port());
  std::vector<Clock::duration> rounds;
  const auto end = Clock::now() + RunTime();
  while (Clock::now() < end) {
    const auto start = Clock::now();
    for (RawClient& client : clients) client.Send(PostRequest("/", "x"));
    for (RawClient& client : clients) ASSERT_TRUE(client.Read(2s)) << "after " << rounds.size();
    rounds.push_back(Clock::now() - start);
  }
  // A lost wake-up would hold a round until the tick (100 ms) at best. A busy machine may delay
  // single rounds as long.
  std::sort(rounds.begin(), rounds.end());
  EXPECT_LT(rounds[rounds.size() * 99 / 100], 100ms) << "of " << rounds.size() << " rounds";
}

INSTANTIATE_TEST_SUITE_P(Workers, ForeignAnswers, testing::Values(1, 2),
                         [](const auto& tested) { return "with_" + std::to_string(tested.param); });

TEST(Completion, IsCountedAsLateWhenTheClientIsGone) {
  RunningServer running;
  RawClient client(running.port());
  client.Send(PostRequest("/later", "x"));
  const auto ticket = running.service().TakeTicket();
  ASSERT_TRUE(ticket);
  client.Abort();
  EXPECT_TRUE(tests::WaitUntil([&] { return running.server().stats().closed_in_flight == 1; }, 5s));
  running.server().Complete(*ticket, {});
  EXPECT_TRUE(tests::WaitUntil([&] { return running.server().stats().late_completions == 1; }, 5s));
  EXPECT_TRUE(running.service().reports().empty());
}

TEST(Completion, IsSentOnceOnly) {
  RunningServer running;
  RawClient client(running.port());
  client.Send(PostRequest("/later", "x"));
  const auto ticket = running.service().TakeTicket();
  ASSERT_TRUE(ticket);
  running.server().Complete(*ticket, {.body = "once"});
  running.server().Complete(*ticket, {.body = "twice"});
  ASSERT_TRUE(client.Read());
  EXPECT_TRUE(tests::WaitUntil([&] { return running.server().stats().late_completions == 1; }, 5s));
  EXPECT_FALSE(client.HearsWithin(20ms));
}

TEST(Completion, WithAWrongTicketHarmsNobody) {
  RunningServer running;
  RawClient client(running.port());
  client.Send(PostRequest("/later", "x"));
  const auto ticket = running.service().TakeTicket();
  ASSERT_TRUE(ticket);
  for (Ticket wrong : {*ticket, *ticket, *ticket, Ticket{}}) {
    static int which = 0;
    ++which;
    if (which == 1) ++wrong.request;
    if (which == 2) ++wrong.connection;
    if (which == 3) wrong.worker = 99;
    running.server().Complete(wrong, {.body = "wrong"});
  }
  EXPECT_TRUE(tests::WaitUntil([&] { return running.server().stats().late_completions == 4; }, 5s));
  EXPECT_FALSE(client.HearsWithin(0ms));
  running.server().Complete(*ticket, {.body = "right"});
  const auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "right");
}

TEST(Completions, AreDroppedBeforeTheServerServes) {
  const auto server = Server::Open({});
  ASSERT_TRUE(server);
  (*server)->Complete(Ticket{}, Answer{.status = 200});
  EXPECT_EQ((*server)->stats().late_completions, 0U);
}

}  // namespace
}  // namespace common::http
