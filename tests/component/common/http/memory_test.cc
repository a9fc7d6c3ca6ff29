#include <gtest/gtest.h>
#include <pistache/os.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/fd.h"
#include "common/http/connection.h"
#include "common/http/connection_table.h"
#include "common/http/population.h"
#include "common/http/timer_wheel.h"
#include "common/http/worker_context.h"
#include "tests/component/common/http/scripted_service.h"
#include "tests/support/allocation_faults.h"

namespace common::http {
namespace {

/// One connection without a worker, and its client.
struct World {
  World() {
    int ends[2]{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    client = Fd(ends[0]);
    connection = std::make_unique<Connection>(kId, Fd(ends[1]), Seat(), context);
  }

  static constexpr std::uint64_t kId = 1;
  ServerOptions options;
  ScriptedService service;
  Counters counters;
  Population population{1, 1, [](std::uint32_t) {}};
  TimerWheel timers{std::chrono::steady_clock::now(), kTimerGrain};
  Pistache::Polling::Epoll epoll;
  WorkerContext context{.worker = 0,
                        .options = options,
                        .service = GuardedService(service, counters.service_exceptions),
                        .poller = Poller(epoll),
                        .timers = timers,
                        .counters = counters,
                        .idle = population.idle(0),
                        .input = std::vector<char>(4096),
                        .head = {},
                        .closed = {},
                        .idle_end = {}};
  Fd client;
  std::unique_ptr<Connection> connection;
  bool has_returned = false;
};

TEST(WithoutMemory, AnEvictionClosesTheConnectionWhoseBytesItCannotKeep) {
  const auto prepare = [] {
    auto world = std::make_unique<World>();
    const std::string bytes = "POST / HTTP/1.1\r\nX-Long: " + std::string(500, 'x');
    EXPECT_EQ(::send(world->client.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
    return world;
  };
  const auto run = [](World& world) {
    (void)world.connection->Evict();
    world.has_returned = true;
  };
  const auto check = [](World& world, bool /*has_failed*/) {
    EXPECT_TRUE(world.has_returned) << "its worker would not have come to its completions";
    EXPECT_TRUE(world.connection->IsClosed()) << "the head of a stranger keeps no place";
  };
  tests::ForEachFailingAllocation(prepare, run, check);
}

struct WorldWithTable : World {
  ConnectionTable table;
  std::uint64_t serial = 0;

  Connection& Add() { return table.Add(++serial, Fd(), Seat(), context); }
};

TEST(WithoutMemory, TheTableGoesOnWithTheNextConnection) {
  const auto run = [](WorldWithTable& world) {
    for (int i = 0; i < 6; ++i) world.Add();
  };
  const auto check = [](WorldWithTable& world, bool /*has_failed*/) {
    for (int i = 0; i < 3; ++i) {
      const std::uint64_t id = world.Add().id();
      EXPECT_NE(world.table.Find(id), nullptr) << "after " << world.serial;
    }
  };
  tests::ForEachFailingAllocation([] { return std::make_unique<WorldWithTable>(); }, run, check);
}

}  // namespace
}  // namespace common::http
