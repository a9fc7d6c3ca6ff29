// The end of a server: it answers every request, then no connection is left.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
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

ServerOptions TwoThreads() {
  ServerOptions options;
  options.threads = 2;
  return options;
}

bool IsListening(std::uint16_t port) { return RawClient(port).IsConnected(); }

TEST(Drain, ClosesTheListenerFirst) {
  RunningServer running(TwoThreads());
  RawClient client(running.port());
  client.Send(PostRequest("/later", "x"));
  const auto ticket = running.service().TakeTicket();
  ASSERT_TRUE(ticket);
  running.server().BeginDrain();
  EXPECT_TRUE(tests::WaitUntil([&] { return !IsListening(running.port()); }, 5s));
  running.server().Complete(*ticket, {.body = "answered"});
  const auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "answered");
  EXPECT_EQ(answer->Field("Connection"), "close");
  EXPECT_TRUE(client.IsClosedWithin());
  EXPECT_TRUE(running.server().WaitDrained(Deadline::After(5s)));
  EXPECT_EQ(running.server().stats().open_connections, 0U);
}

// A client that is told to go comes back at once, and a listener about to close would reset it.
TEST(Drain, TellsNobodyToGoWhileAListenerIsOpen) {
  RunningServer running(TwoThreads());
  RawClient blocking(running.port());
  blocking.Send(PostRequest("/block", "x"));
  ASSERT_TRUE(tests::WaitUntil([&] { return running.service().IsBlocked(); }, 5s));
  // Connections until one is the other worker's.
  std::vector<std::unique_ptr<RawClient>> clients;
  std::optional<Ticket> ticket;
  while (!ticket && clients.size() < 64) {
    clients.push_back(std::make_unique<RawClient>(running.port()));
    clients.back()->Send(PostRequest("/later", "x"));
    ticket = running.service().TakeTicket(100ms);
  }
  ASSERT_TRUE(ticket);
  running.server().BeginDrain();
  running.server().Complete(*ticket, {.body = "stay"});
  const auto answer = clients.back()->Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->Field("Connection"), "") << "a new connection might be the blocked worker's";
  RawClient late(running.port());
  EXPECT_TRUE(late.Send(PostRequest("/", "x")));
  running.service().Unblock();
  const auto taken = late.Read();
  ASSERT_TRUE(taken) << "it was in the queue of the last listener";
  EXPECT_EQ(taken->Field("Connection"), "close");
  while (const auto next = running.service().TakeTicket(100ms)) {
    running.server().Complete(*next, {});
  }
  EXPECT_TRUE(running.server().WaitDrained(Deadline::After(5s)));
}

TEST(Drain, AnswersARequestThatComesWithinTheGracePeriod) {
  RunningServer running;
  RawClient asking(running.port());
  RawClient silent(running.port());
  asking.Send(PostRequest("/", "x"));
  ASSERT_TRUE(asking.Read());
  const auto start = Clock::now();
  running.server().BeginDrain();
  EXPECT_TRUE(tests::WaitUntil([&] { return !IsListening(running.port()); }, 5s));
  asking.Send(PostRequest("/", "at the last moment"));
  const auto answer = asking.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->Field("Connection"), "close");
  EXPECT_TRUE(silent.IsClosedWithin(5s));
  EXPECT_GE(Clock::now() - start, 900ms) << "the grace period";
  EXPECT_TRUE(running.server().WaitDrained(Deadline::After(5s)));
  EXPECT_LT(Clock::now() - start, 4s);
}

TEST(Drain, LetsARequestBeReadToItsEnd) {
  RunningServer running;
  RawClient client(running.port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab");
  ASSERT_TRUE(tests::WaitUntil([&] { return running.server().stats().open_connections == 1; }, 5s));
  running.server().BeginDrain();
  EXPECT_TRUE(tests::WaitUntil([&] { return !IsListening(running.port()); }, 5s));
  EXPECT_FALSE(running.server().WaitDrained(Deadline::After(1200ms))) << "it is not idle";
  client.Send("cd");
  const auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "abcd");
  EXPECT_TRUE(running.server().WaitDrained(Deadline::After(5s)));
}

TEST(Drain, AnswersTheRestOfAPipeline) {
  RunningServer running;
  RawClient client(running.port());
  client.Send(PostRequest("/later", "x"));
  const auto ticket = running.service().TakeTicket();
  ASSERT_TRUE(ticket);
  running.server().BeginDrain();
  EXPECT_TRUE(tests::WaitUntil([&] { return !IsListening(running.port()); }, 5s));
  running.server().Complete(*ticket, {.body = "1"});
  const auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->Field("Connection"), "close") << "so that the client repeats what follows";
  EXPECT_TRUE(client.IsClosedWithin());
}

TEST(Drain, IsOverAtOnceWithoutConnections) {
  RunningServer running(TwoThreads());
  running.server().BeginDrain();
  EXPECT_TRUE(running.server().WaitDrained(Deadline::After(5s)));
  running.server().BeginDrain();
  EXPECT_TRUE(running.server().WaitDrained(Deadline::After(5s)));
}

TEST(Drain, UnderLoadAnswersEveryRequestItTook) {
  RunningServer running(TwoThreads());
  std::atomic<bool> stop{false};
  std::atomic<int> answered{0};
  std::atomic<int> unanswered{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      RawClient client(running.port());
      while (!stop) {
        if (!client.Send(PostRequest("/later", "x"))) break;
        const auto answer = client.Read();
        if (!answer) {
          ++unanswered;
          break;
        }
        ++answered;
        if (answer->Field("Connection") == "close") break;
      }
    });
  }
  std::thread completing([&] {
    while (!stop) {
      if (const auto ticket = running.service().TakeTicket(50ms))
        running.server().Complete(*ticket, {});
    }
  });
  EXPECT_TRUE(tests::WaitUntil([&] { return answered > 500; }, 10s));
  running.server().BeginDrain();
  EXPECT_TRUE(running.server().WaitDrained(Deadline::After(5s)));
  for (std::thread& thread : threads) thread.join();
  stop = true;
  completing.join();
  EXPECT_EQ(unanswered, 0);
  EXPECT_EQ(running.server().stats().requests, static_cast<std::uint64_t>(answered));
}

TEST(Destruction, ClosesEveryConnectionAtOnce) {
  auto running = std::make_unique<RunningServer>(TwoThreads());
  RawClient idle(running->port());
  RawClient in_flight(running->port());
  in_flight.Send(PostRequest("/later", "x"));
  ASSERT_TRUE(running->service().TakeTicket());
  running.reset();
  EXPECT_TRUE(idle.IsClosedWithin());
  EXPECT_TRUE(in_flight.IsClosedWithin());
}

// The service may have been destroyed by then.
TEST(Stop, MakesNoCallsToServiceAfterReturn) {
  RunningServer running(TwoThreads());
  RawClient client(running.port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1234");
  ASSERT_TRUE(tests::WaitUntil([&] { return running.service().held() > 0; }, 5s));
  running.server().Stop();
  EXPECT_EQ(running.service().held(), 0U) << "it is given back while the service is there";
  EXPECT_TRUE(client.IsClosedWithin());
}

}  // namespace
}  // namespace common::http
