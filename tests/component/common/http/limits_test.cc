// Addresses, the connection cap, and a process without descriptors.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/fd.h"
#include "common/http/population.h"
#include "tests/component/common/http/scripted_service.h"
#include "tests/support/raw_client.h"
#include "tests/support/wait_until.h"

namespace common::http {
namespace {

using namespace std::chrono_literals;
using tests::PostRequest;
using tests::RawClient;

bool Answers(std::uint16_t port, const std::string& host) {
  RawClient client(port, {.host = host});
  client.Send(PostRequest("/", "x"));
  return client.Read().has_value();
}

TEST(Address, MayBeIpv6Loopback) {
  ServerOptions options;
  options.host = "::1";
  RunningServer running(options);
  EXPECT_TRUE(Answers(running.port(), "::1"));
  EXPECT_FALSE(Answers(running.port(), "127.0.0.1"));
}

TEST(Address, AcceptsBothFamiliesAtUnspecifiedIpv6Address) {
  ServerOptions options;
  options.host = "::";
  options.threads = 2;
  RunningServer running(options);
  EXPECT_TRUE(Answers(running.port(), "::1"));
  EXPECT_TRUE(Answers(running.port(), "127.0.0.1"));
}

TEST(Address, MustNotBeTaken) {
  for (const int threads : {1, 2}) {
    ServerOptions options;
    options.threads = threads;
    RunningServer first(options);
    ScriptedService service;
    options.port = first.port();
    const auto second = Server::Start(options, service);
    ASSERT_FALSE(second) << "with " << threads << " threads";
    EXPECT_EQ(second.error().remedy, Remedy::kStop);
    EXPECT_NE(second.error().detail.find(std::to_string(first.port())), std::string::npos);
  }
}

TEST(Address, MustBeAnAddress) {
  ScriptedService service;
  ServerOptions options;
  options.host = "no such host";
  const auto server = Server::Start(options, service);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().remedy, Remedy::kStop);
}

TEST(Address, IsFreeAgainAtOnce) {
  ServerOptions options;
  options.threads = 2;
  for (int i = 0; i < 3; ++i) {
    RunningServer running(options);
    options.port = running.port();
    EXPECT_TRUE(Answers(running.port(), "127.0.0.1"));
  }
}

TEST(Address, RefusesClientsUntilItIsServed) {
  ServerOptions options;
  options.threads = 2;
  const auto server = Server::Open(options);
  ASSERT_TRUE(server);
  EXPECT_FALSE(RawClient((*server)->port()).IsConnected());
  ScriptedService service;
  ASSERT_TRUE((*server)->Serve(service));
  EXPECT_TRUE(Answers((*server)->port(), "127.0.0.1"));
  (*server)->Stop();
}

TEST(Workers, ShareTheConnections) {
  ServerOptions options;
  options.threads = 2;
  RunningServer running(options);
  std::vector<RawClient> clients;
  std::vector<bool> seen(2);
  for (int i = 0; i < 64; ++i) {
    clients.emplace_back(running.port());
    clients.back().Send(PostRequest("/later", "x"));
    const auto ticket = running.service().TakeTicket();
    ASSERT_TRUE(ticket);
    seen.at(ticket->worker) = true;
    running.server().Complete(*ticket, {});
    ASSERT_TRUE(clients.back().Read());
  }
  EXPECT_TRUE(seen[0] && seen[1]);
}

TEST(ConnectionCap, AnswersTheSurplusAndServesTheOthers) {
  ServerOptions options;
  options.max_connections = 4;
  options.threads = 2;
  RunningServer running(options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back(running.port());
    clients.back().Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n");
  }
  const auto all_are_busy = [&] { return running.service().receiving() == 4; };
  ASSERT_TRUE(tests::WaitUntil(all_are_busy, 5s));
  for (int i = 0; i < 3; ++i) {
    RawClient surplus(running.port());
    surplus.Send(PostRequest("/", std::string(20'000, 'x')));
    const auto answer = surplus.Read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 429);
    EXPECT_EQ(answer->Field("Connection"), "close");
    EXPECT_TRUE(surplus.IsClosedWithin());
  }
  for (RawClient& client : clients) {
    client.Send("x");
    EXPECT_TRUE(client.Read());
  }
  EXPECT_EQ(running.server().stats().connections_refused, 3U);
  EXPECT_EQ(running.server().stats().connections_evicted, 0U);
  EXPECT_EQ(running.server().stats().requests, 4U);
  clients.clear();
  ASSERT_TRUE(tests::WaitUntil([&] { return running.server().stats().open_connections == 0; }, 5s));
  EXPECT_TRUE(Answers(running.port(), "127.0.0.1"));
}

TEST(ConnectionCap, ClosesTheLongestSilentConnectionForANewOne) {
  ServerOptions options;
  options.max_connections = 4;
  RunningServer running(options);
  RawClient kept(running.port());
  kept.Send(PostRequest("/", "x"));
  ASSERT_TRUE(kept.Read());
  std::vector<RawClient> silent;
  for (int i = 0; i < 3; ++i) silent.emplace_back(running.port());
  ASSERT_TRUE(tests::WaitUntil([&] { return running.server().stats().open_connections == 4; }, 5s));
  RawClient first(running.port());
  first.Send(PostRequest("/later", "x"));
  ASSERT_TRUE(running.service().TakeTicket());
  EXPECT_TRUE(silent[0].IsClosedWithin());
  EXPECT_EQ(running.server().stats().connections_evicted, 1U);
  EXPECT_EQ(running.service().evicted(), 1);
  // A sender that has asked before outlives them, though it has been idle for longer.
  RawClient second(running.port());
  second.Send(PostRequest("/later", "x"));
  ASSERT_TRUE(running.service().TakeTicket());
  RawClient third(running.port());
  third.Send(PostRequest("/later", "x"));
  ASSERT_TRUE(running.service().TakeTicket());
  EXPECT_TRUE(silent[1].IsClosedWithin());
  EXPECT_TRUE(silent[2].IsClosedWithin());
  kept.Send(PostRequest("/", "x"));
  EXPECT_TRUE(kept.Read());
  // It is evicted once no silent one is left.
  RawClient fourth(running.port());
  fourth.Send(PostRequest("/later", "x"));
  ASSERT_TRUE(running.service().TakeTicket());
  EXPECT_TRUE(kept.IsClosedWithin());
  EXPECT_EQ(running.server().stats().connections_refused, 0U);
}

TEST(ConnectionCap, KeepsTheLongestIdleConnectionIfItIsAskedOnAtThatMoment) {
  ServerOptions options;
  options.max_connections = 3;
  RunningServer running(options);
  const auto is_blocked = [&] { return running.service().IsBlocked(); };
  RawClient asking(running.port());
  asking.Send(PostRequest("/", "x"));
  ASSERT_TRUE(asking.Read());
  RawClient idle(running.port());
  RawClient blocker(running.port());
  blocker.Send(PostRequest("/", "x"));
  ASSERT_TRUE(blocker.Read());
  // The worker learns at once of what came while it was held up: the request that holds it up once
  // more, and the new client. The longest idle one asks between these two.
  idle.Send(PostRequest("/block", "x"));
  ASSERT_TRUE(tests::WaitUntil(is_blocked, 5s, 1ms));
  blocker.Send(PostRequest("/block", "x"));
  RawClient more(running.port());
  running.service().Unblock();
  ASSERT_TRUE(idle.Read());
  ASSERT_TRUE(tests::WaitUntil(is_blocked, 5s, 1ms));
  asking.Send(PostRequest("/", "x"));
  running.service().Unblock();
  ASSERT_TRUE(blocker.Read());
  EXPECT_TRUE(asking.Read());
  EXPECT_TRUE(idle.IsClosedWithin());
  asking.Send(PostRequest("/", "x"));
  EXPECT_TRUE(asking.Read()) << "it was closed behind its answer";
  more.Send(PostRequest("/", "x"));
  EXPECT_TRUE(more.Read());
}

TEST(ConnectionCap, ClosesAConnectionThatWasRefusedAndDripsItsBodyForANewOne) {
  ServerOptions options;
  options.max_connections = 4;
  RunningServer running(options);
  std::vector<RawClient> refused;
  for (int i = 0; i < 4; ++i) {
    refused.emplace_back(running.port());
    refused.back().Send("POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n");
    const auto answer = refused.back().Read();
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->status, 503);
  }
  for (RawClient& client : refused) client.Send("x");
  RawClient sender(running.port());
  sender.Send(PostRequest("/", "x"));
  const auto answer = sender.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_TRUE(refused[0].IsClosedWithin());
  EXPECT_EQ(running.server().stats().connections_refused, 0U);
  EXPECT_EQ(running.server().stats().connections_evicted, 1U);
  // The others are read on: their next request is served.
  refused[1].Send("xxxxxxxx" + PostRequest("/", "x"));
  const auto next = refused[1].Read();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->status, 200);
}

TEST(ConnectionCap, ClosesAConnectionThatWasRefusedForGoodForANewOne) {
  ServerOptions options;
  options.max_connections = 4;
  RunningServer running(options);
  std::vector<RawClient> refused;
  for (int i = 0; i < 4; ++i) {
    refused.emplace_back(running.port());
    refused.back().Send(
        "POST /refuse HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        "Content-Length: 9\r\n\r\n");
    const auto answer = refused.back().Read();
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->status, 503);
  }
  RawClient sender(running.port());
  sender.Send(PostRequest("/", "x"));
  const auto answer = sender.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(running.server().stats().connections_refused, 0U);
}

TEST(ConnectionCap, EvictsRefusedClientsBeforeSenders) {
  ServerOptions options;
  options.max_connections = 3;
  RunningServer running(options);
  RawClient sender(running.port());
  sender.Send(PostRequest("/", "x"));
  ASSERT_TRUE(sender.Read());
  std::vector<RawClient> strangers;
  for (const std::string body : {"x", ""}) {  // One sends its body, the other one drips it.
    strangers.emplace_back(running.port());
    strangers.back().Send("POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n" + body);
    ASSERT_TRUE(strangers.back().Read());
  }
  std::vector<RawClient> newcomers;
  for (int i = 0; i < 2; ++i) {
    newcomers.emplace_back(running.port());
    newcomers.back().Send(PostRequest("/later", "x"));
    ASSERT_TRUE(running.service().TakeTicket());
  }
  for (RawClient& stranger : strangers) EXPECT_TRUE(stranger.IsClosedWithin());
  sender.Send(PostRequest("/", "x"));
  EXPECT_TRUE(sender.Read()) << "it was closed for strangers";
}

/// What a stranger can begin and never end.
struct Unended {
  std::string name;
  std::string sends;
  int expected_status = 0;  ///< Of what makes room; 0: it gets no answer.
};
void PrintTo(const Unended& unended, std::ostream* out) { *out << unended.name; }

class ConnectionCapOfStrangers : public ::testing::TestWithParam<Unended> {
 protected:
  static ServerOptions Options() {
    ServerOptions options;
    options.max_connections = 4;
    return options;
  }
  void SendUnended(RawClient& client) {
    const std::size_t before = running_.service().most_held();
    const int receiving = running_.service().receiving();
    const std::size_t served = running_.server().stats().requests;
    client.Send(GetParam().sends);
    const auto has_begun = [&] {
      return running_.service().most_held() > before ||
             running_.service().receiving() > receiving ||
             running_.server().stats().requests > served;
    };
    ASSERT_TRUE(tests::WaitUntil(has_begun, 5s, 1ms));
  }

  RunningServer running_{Options(), 16'000'000};
};

INSTANTIATE_TEST_SUITE_P(
    Kinds, ConnectionCapOfStrangers,
    ::testing::Values(
        Unended{"Head", "POST / HTTP/1.1\r\nX-Long: 0123456789abcdef", 429},
        Unended{"Body", "POST / HTTP/1.1\r\nHost: a\r\nX-Unknown: 1\r\nContent-Length: 9\r\n\r\n",
                429},
        Unended{"Answer", "GET /big HTTP/1.1\r\nHost: a\r\nX-Unknown: 1\r\n\r\n", 0}),
    [](const auto& tested) { return tested.param.name; });

TEST_P(ConnectionCapOfStrangers, GivesTheirPlacesToSenders) {
  std::vector<RawClient> strangers;
  for (int i = 0; i < 4; ++i) SendUnended(strangers.emplace_back(running_.port()));
  for (std::size_t i = 0; i < 4; ++i) {
    RawClient sender(running_.port());
    sender.Send(PostRequest("/", "x"));
    const auto answer = sender.Read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
  }
  EXPECT_EQ(running_.server().stats().connections_refused, 0U);
  EXPECT_GE(running_.server().stats().connections_evicted, 1U);
  if (GetParam().expected_status != 0) {
    const auto answer = strangers[0].Read();
    ASSERT_TRUE(answer) << "the longest idle one goes first, with an answer";
    EXPECT_EQ(answer->status, GetParam().expected_status);
    EXPECT_EQ(answer->Field("Connection"), "close");
  }
  EXPECT_TRUE(strangers[0].IsClosedWithin());
}

TEST_P(ConnectionCapOfStrangers, TakesNoPlaceFromASenderWhoIsKnown) {
  std::vector<RawClient> senders;
  for (int i = 0; i < 4; ++i) {
    RawClient& sender = senders.emplace_back(running_.port());
    sender.Send(PostRequest("/", "x"));
    ASSERT_TRUE(sender.Read());
    SendUnended(sender);
  }
  RawClient surplus(running_.port());
  surplus.Send(PostRequest("/", "x"));
  const auto answer = surplus.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 429);
  EXPECT_EQ(running_.server().stats().connections_evicted, 0U);
}

/// Two workers, and as many connections as may be; on each of them a request is in flight.
class ConnectionCapOfTwoWorkers : public ::testing::Test {
 protected:
  struct Busy {
    RawClient client;
    Ticket ticket{};
  };

  static ServerOptions Options() {
    ServerOptions options;
    options.max_connections = 64;
    options.threads = 2;
    return options;
  }
  ConnectionCapOfTwoWorkers() {
    for (std::size_t i = 0; i < Options().max_connections; ++i) {
      RawClient client(running_.port());
      client.Send(PostRequest("/later", "x"));
      const auto ticket = running_.service().TakeTicket();
      if (!ticket) throw std::runtime_error("a request does not come");
      (ticket->worker == 0 ? of_first_ : of_second_).push_back({std::move(client), *ticket});
    }
  }
  ~ConnectionCapOfTwoWorkers() override { running_.service().Unblock(); }

  void Complete(Busy& busy, Answer answer = {}) {
    running_.server().Complete(busy.ticket, std::move(answer));
    EXPECT_TRUE(busy.client.Read());
  }
  /// From its client's point of view its request is answered; its worker is held up behind the
  /// send.
  void CompleteAndBlock(Busy& busy, bool close = false) {
    Complete(busy, {.close = close, .note = ScriptedService::kBlockingNote});
    ASSERT_TRUE(tests::WaitUntil([&] { return running_.service().IsBlocked(); }, 5s, 1ms));
  }
  /// Waits until the worker has handled its earlier events. The connection stays busy.
  void AwaitWorkerOf(Busy& busy) {
    for (int round = 0; round < 2; ++round) {
      busy.client.Send(PostRequest("/later", "x"));
      Complete(busy);
      const auto next = running_.service().TakeTicket();
      ASSERT_TRUE(next);
      busy.ticket = *next;
    }
  }

  RunningServer running_{Options()};
  std::vector<Busy> of_first_;
  std::vector<Busy> of_second_;
};

TEST_F(ConnectionCapOfTwoWorkers, EvictsConnectionWithOldestAnswer) {
  ASSERT_GE(of_first_.size(), 2U);
  ASSERT_GE(of_second_.size(), 1U);
  CompleteAndBlock(of_first_[0]);
  Complete(of_second_[0]);
  running_.service().Unblock();
  AwaitWorkerOf(of_first_[1]);
  RawClient newcomer(running_.port());
  newcomer.Send(PostRequest("/", "x"));
  ASSERT_TRUE(newcomer.Read());
  EXPECT_TRUE(of_first_[0].client.IsClosedWithin());
  of_second_[0].client.Send(PostRequest("/", "x"));
  EXPECT_TRUE(of_second_[0].client.Read()) << "it was closed, though it was idle for less long";
  EXPECT_EQ(running_.server().stats().connections_evicted, 1U);
}

TEST_F(ConnectionCapOfTwoWorkers, RefusesNobodyOnceTheClientOfAClosingOneHasItsAnswer) {
  ASSERT_GE(of_first_.size(), 1U);
  ASSERT_GE(of_second_.size(), 1U);
  CompleteAndBlock(of_first_[0], true);
  std::vector<RawClient> newcomers;  // Of several, the second worker gets at least one.
  for (int i = 0; i < 10; ++i) newcomers.emplace_back(running_.port());
  AwaitWorkerOf(of_second_[0]);
  EXPECT_EQ(running_.server().stats().connections_refused, 0U);
  running_.service().Unblock();
  // One gets the place of that one, and the others the place of the one before.
  const auto all_had_a_place = [&] {
    return running_.server().stats().connections_accepted == Options().max_connections + 10;
  };
  EXPECT_TRUE(tests::WaitUntil(all_had_a_place, 5s));
  EXPECT_EQ(running_.server().stats().connections_refused, 0U);
}

class ConnectionCapOfWorkers : public ::testing::TestWithParam<int> {
 protected:
  [[nodiscard]] static ServerOptions Options(std::size_t max_connections) {
    ServerOptions options;
    options.max_connections = max_connections;
    options.threads = GetParam();
    return options;
  }
};

INSTANTIATE_TEST_SUITE_P(Threads, ConnectionCapOfWorkers, ::testing::Values(1, 2, 4),
                         ::testing::PrintToStringParamName());

TEST_P(ConnectionCapOfWorkers, IsHeldByAllTogetherAndNobodyIsRefusedForSilentOnes) {
  const ServerOptions options = Options(200);
  RunningServer running(options);
  std::vector<RawClient> silent;
  for (int i = 0; i < 1000; ++i) {
    silent.emplace_back(running.port());
    EXPECT_LE(running.server().stats().open_connections, options.max_connections + kReserve);
    if (i % 10 != 0) continue;
    ASSERT_TRUE(Answers(running.port(), "127.0.0.1")) << "beside " << i << " silent ones";
  }
  const auto the_last_ones_remain = [&] {
    const ServerStats stats = running.server().stats();
    return stats.open_connections <= 200 && stats.connections_evicted >= 800;
  };
  EXPECT_TRUE(tests::WaitUntil(the_last_ones_remain, 20s));
  EXPECT_EQ(running.server().stats().connections_refused, 0U);
}

TEST_P(ConnectionCapOfWorkers, RefusesNobodyWhileSomeConnectionIsIdle) {
  constexpr int kSenders = 4;
  constexpr int kRequests = 100;
  // So many that a connection on which a request is about to come is not one of many silent ones.
  const ServerOptions options = Options(200);
  RunningServer running(options);
  std::vector<RawClient> busy;
  for (std::size_t i = 2 * kSenders; i < options.max_connections; ++i) {
    busy.emplace_back(running.port());
    busy.back().Send(PostRequest("/later", "x"));
    ASSERT_TRUE(running.service().TakeTicket());
  }
  std::atomic<int> served = 0;
  std::atomic<std::uint64_t> most_open = 0;
  {
    std::vector<std::jthread> senders;
    for (int i = 0; i < kSenders; ++i) {
      senders.emplace_back([&] {
        // They stay open, and idle.
        std::vector<RawClient> clients;
        for (int k = 0; k < kRequests; ++k) {
          clients.emplace_back(running.port());
          clients.back().Send(PostRequest("/", "x"));
          const auto answer = clients.back().Read();
          if (answer && answer->status == 200) ++served;
          most_open = std::max(most_open.load(), running.server().stats().open_connections);
        }
      });
    }
  }
  EXPECT_EQ(served, kSenders * kRequests);
  EXPECT_EQ(running.server().stats().connections_refused, 0U);
  EXPECT_LE(most_open, options.max_connections + kReserve);
}

// A client that closes its connection and comes back at once must find its place free or its
// connection idle, whichever worker it meets.
TEST_P(ConnectionCapOfWorkers, ServesReturningClientsOnNewConnections) {
  constexpr int kRounds = 2000;
  RunningServer running(Options(1));
  int served = 0;
  for (int i = 0; i < kRounds; ++i) {
    RawClient client(running.port());
    client.Send(PostRequest("/", "x"));
    const auto answer = client.Read();
    if (answer && answer->status == 200) ++served;
  }
  EXPECT_EQ(served, kRounds);
  EXPECT_EQ(running.server().stats().connections_refused, 0U);
}

TEST_P(ConnectionCapOfWorkers, IsNeverExceededByServedConnections) {
  const ServerOptions options = Options(8);
  RunningServer running(options);
  std::vector<RawClient> clients;
  // Each wave finds those of the former one idle. Who is evicted has not been heard yet, or is one
  // of these.
  for (std::uint64_t wave = 1; wave <= 10; ++wave) {
    for (int i = 0; i < 40; ++i) {
      clients.emplace_back(running.port());
      clients.back().Send(PostRequest("/later", "x"));
    }
    const auto all_have_met_their_fate = [&] {
      const ServerStats stats = running.server().stats();
      return stats.requests + stats.connections_refused + stats.connections_evicted ==
             wave * 40 + (wave - 1) * options.max_connections;
    };
    ASSERT_TRUE(tests::WaitUntil(all_have_met_their_fate, 20s, 1ms)) << "in wave " << wave;
    EXPECT_EQ(running.server().stats().requests, wave * options.max_connections);
    while (const auto ticket = running.service().TakeTicket(0ms)) {
      running.server().Complete(*ticket, {});
    }
    const auto all_are_idle = [&] {
      return std::ranges::count(running.service().reports(), 200, &AnswerReport::status) ==
             static_cast<std::ptrdiff_t>(wave * options.max_connections);
    };
    ASSERT_TRUE(tests::WaitUntil(all_are_idle, 20s, 1ms));
  }
}

TEST(ConnectionCap, IsNotExceededWhileTheWorkerThatWillMakeRoomIsHeldUp) {
  ServerOptions options;
  options.max_connections = 4;
  options.threads = 2;
  RunningServer running(options);
  std::vector<RawClient> of_second;
  const auto open = [&] { return running.server().stats().open_connections; };
  while (of_second.size() < 2) {
    RawClient probe(running.port());
    probe.Send(PostRequest("/later", "x"));
    const auto ticket = running.service().TakeTicket();
    ASSERT_TRUE(ticket);
    running.server().Complete(*ticket, {});
    ASSERT_TRUE(probe.Read());
    if (ticket->worker == 1) of_second.push_back(std::move(probe));
    probe.Close();
    ASSERT_TRUE(tests::WaitUntil([&] { return open() == of_second.size(); }, 5s, 1ms));
  }
  of_second[1].Send(PostRequest("/block", "x"));
  ASSERT_TRUE(tests::WaitUntil([&] { return running.service().IsBlocked(); }, 5s, 1ms));
  std::vector<RawClient> senders;
  const auto some_have_no_place = [&] {
    senders.emplace_back(running.port());
    senders.back().Send(PostRequest("/later", "x"));
    return open() > options.max_connections + 2;
  };
  ASSERT_TRUE(tests::WaitUntil(some_have_no_place, 20s, 1ms));
  std::vector<Ticket> tickets;
  while (const auto ticket = running.service().TakeTicket(200ms)) tickets.push_back(*ticket);
  EXPECT_EQ(tickets.size(), 2U) << "the two that are left of four";
  EXPECT_EQ(running.server().stats().connections_refused, 0U);
  running.service().Unblock();
  for (RawClient& client : of_second) EXPECT_TRUE(client.IsClosedWithin());
  while (const auto ticket = running.service().TakeTicket(200ms)) tickets.push_back(*ticket);
  EXPECT_EQ(tickets.size(), 4U);
}

TEST(ConnectionCap, IsMetByAnotherWorkersIdleConnectionWhereTheOwnAreBusy) {
  ServerOptions options;
  options.max_connections = 9;  // One more, for those that belong to neither.
  options.threads = 2;
  RunningServer running(options);
  const auto open_are = [&](std::size_t count) {
    return tests::WaitUntil([&] { return running.server().stats().open_connections == count; }, 5s,
                            1ms);
  };
  std::vector<RawClient> busy;  // Of one worker.
  std::vector<RawClient> idle;  // Of the other.
  while (busy.size() + idle.size() < 8) {
    RawClient probe(running.port());
    probe.Send(PostRequest("/later", "x"));
    const auto ticket = running.service().TakeTicket();
    ASSERT_TRUE(ticket);
    if (ticket->worker == 0 && busy.size() < 6) {
      busy.push_back(std::move(probe));
      continue;
    }
    running.server().Complete(*ticket, {});
    ASSERT_TRUE(probe.Read());
    if (ticket->worker == 1 && idle.size() < 2) idle.push_back(std::move(probe));
    probe.Close();
    ASSERT_TRUE(open_are(busy.size() + idle.size()));
  }
  for (int i = 0; i < 3; ++i) {
    RawClient more(running.port());
    more.Send(PostRequest("/later", "x"));
    ASSERT_TRUE(running.service().TakeTicket());
    busy.push_back(std::move(more));
  }
  for (RawClient& client : idle) EXPECT_TRUE(client.IsClosedWithin());
  EXPECT_EQ(running.server().stats().connections_refused, 0U);
}

TEST(ConnectionCap, ServesNewSendersAgainAfterABurstThatTheOtherWorkerHadNoRoomFor) {
  ServerOptions options;
  options.max_connections = 8;
  options.threads = 2;
  RunningServer running(options);
  const auto open = [&] { return running.server().stats().open_connections; };
  const auto connect_to_second = [&]() -> std::optional<RawClient> {
    for (int i = 0; i < 64; ++i) {
      RawClient probe(running.port());
      probe.Send(PostRequest("/later", "x"));
      const auto ticket = running.service().TakeTicket();
      if (!ticket) return std::nullopt;
      running.server().Complete(*ticket, {});
      if (!probe.Read()) return std::nullopt;
      if (ticket->worker == 1) return probe;
    }
    return std::nullopt;
  };
  auto idle = connect_to_second();
  auto blocker = connect_to_second();
  ASSERT_TRUE(idle && blocker);
  ASSERT_TRUE(tests::WaitUntil([&] { return open() == 2; }, 5s, 1ms));
  // The second worker has one idle connection, and is busy until the burst is over.
  blocker->Send(PostRequest("/block", "x") + "POST / HTTP/1.1\r\n");
  ASSERT_TRUE(tests::WaitUntil([&] { return running.service().IsBlocked(); }, 5s, 1ms));
  std::vector<RawClient> burst;
  const auto reserve_is_used_up = [&] {
    if (open() < options.max_connections + kReserve) {
      burst.emplace_back(running.port());
      burst.back().Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n");
    }
    return open() == options.max_connections + kReserve;
  };
  ASSERT_TRUE(tests::WaitUntil(reserve_is_used_up, 20s, 1ms));
  idle->Send(PostRequest("/later", "x"));
  running.service().Unblock();
  const auto ticket = running.service().TakeTicket();
  ASSERT_TRUE(ticket);
  running.server().Complete(*ticket, {});
  for (RawClient& client : burst) client.Send("x");
  for (RawClient& client : burst) (void)client.Read();
  const auto a_new_sender_is_served = [&] {
    RawClient sender(running.port());
    sender.Send(PostRequest("/", "x"));
    const auto answer = sender.Read();
    return answer && answer->status == 200;
  };
  EXPECT_TRUE(tests::WaitUntil(a_new_sender_is_served, 5s)) << open() << " are open, all idle";
  const auto the_surplus_is_gone = [&] {
    return a_new_sender_is_served() && open() <= options.max_connections;
  };
  EXPECT_TRUE(tests::WaitUntil(the_surplus_is_gone, 5s)) << open() << " are open";
}

/// A server in a process of its own that may have few descriptors.
class StarvedServer {
 public:
  struct Usage {
    std::uint64_t accept_paused = 0;
    std::int64_t cpu_us = 0;
  };

  StarvedServer() {
    if (::pipe(to_child_) != 0 || ::pipe(to_parent_) != 0) return;
    child_ = ::fork();
    if (child_ == 0) {
      try {
        Serve();
      } catch (...) {
        ::_exit(1);
      }
    }
    ::close(std::exchange(to_parent_[1], -1));  // so that the child's end is noticed
    if (::read(to_parent_[0], &port_, sizeof port_) != sizeof port_) port_ = 0;
  }
  ~StarvedServer() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    for (const int fd : {to_child_[0], to_child_[1], to_parent_[0]}) ::close(fd);
  }
  StarvedServer(const StarvedServer&) = delete;
  StarvedServer& operator=(const StarvedServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  Usage AskUsage() {
    Usage usage;
    EXPECT_EQ(::write(to_child_[1], "?", 1), 1);
    EXPECT_EQ(::read(to_parent_[0], &usage, sizeof usage), static_cast<ssize_t>(sizeof usage));
    return usage;
  }

 private:
  static constexpr int kSpareDescriptors = 40;

  static int LowestFreeDescriptor() {
    const Fd probe(::dup(0));
    return probe.get();
  }

  [[noreturn]] void Serve() {
    const auto most = static_cast<rlim_t>(LowestFreeDescriptor() + kSpareDescriptors);
    const rlimit few{.rlim_cur = most, .rlim_max = most};
    ::setrlimit(RLIMIT_NOFILE, &few);
    RunningServer running;
    const std::uint16_t port = running.port();
    if (::write(to_parent_[1], &port, sizeof port) != sizeof port) ::_exit(1);
    char question = 0;
    while (::read(to_child_[0], &question, 1) == 1) {
      rusage used{};
      ::getrusage(RUSAGE_SELF, &used);
      const auto microseconds = [](const timeval& time) {
        return std::int64_t{1'000'000} * time.tv_sec + time.tv_usec;
      };
      const Usage usage{.accept_paused = running.server().stats().accept_paused,
                        .cpu_us = microseconds(used.ru_utime) + microseconds(used.ru_stime)};
      if (::write(to_parent_[1], &usage, sizeof usage) != sizeof usage) break;
    }
    ::_exit(0);
  }

  int to_child_[2]{};
  int to_parent_[2]{};
  pid_t child_ = -1;
  std::uint16_t port_ = 0;
};

TEST(WithoutDescriptors, TheServerPausesAcceptingAndRecovers) {
  StarvedServer starved;
  ASSERT_NE(starved.port(), 0);
  RawClient first(starved.port());
  first.Send(PostRequest("/", "x"));
  ASSERT_TRUE(first.Read());
  std::vector<RawClient> clients;
  for (int i = 0; i < 80; ++i) clients.emplace_back(starved.port());
  ASSERT_TRUE(tests::WaitUntil([&] { return starved.AskUsage().accept_paused >= 3; }, 5s, 50ms));
  const auto before = starved.AskUsage();
  ASSERT_TRUE(tests::WaitUntil(
      [&] { return starved.AskUsage().accept_paused >= before.accept_paused + 5; }, 5s, 50ms));
  // Five pauses of 100 ms; a spinning worker would have used all of them.
  EXPECT_LT(starved.AskUsage().cpu_us - before.cpu_us, 150'000);
  first.Send(PostRequest("/", "x"));
  EXPECT_TRUE(first.Read()) << "who is connected is served on";
  clients.clear();
  EXPECT_TRUE(Answers(starved.port(), "127.0.0.1"));
}

}  // namespace
}  // namespace common::http
