// Clients that do not read, or read slowly: they alone feel it.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
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

constexpr std::size_t kBig = 8 * 1024 * 1024;

std::size_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// How long requests on fresh connections take.
class Latencies {
 public:
  /// False: not answered.
  bool Measure(std::uint16_t port) {
    const auto start = Clock::now();
    RawClient client(port);
    client.Send(PostRequest("/", "x"));
    const bool is_answered = client.Read(5s).has_value();
    taken_.push_back(Clock::now() - start);
    return is_answered;
  }
  /// All but one in twenty were faster: single ones may have waited for a busy machine.
  Clock::duration Usual() {
    std::sort(taken_.begin(), taken_.end());
    return taken_[taken_.size() * 95 / 100];
  }

 private:
  std::vector<Clock::duration> taken_;
};

TEST(BigAnswer, ReachesAClientThatReadsSlowly) {
  ServerOptions options;
  options.write_timeout = 1s;  // less than the whole takes
  RunningServer running(options, kBig);
  RawClient client(running.port(), {.receive_buffer = 64 * 1024});
  client.Send(PostRequest("/big", "") + PostRequest("/", "next"));
  std::size_t received = 0;
  std::string last;
  const auto start = Clock::now();
  char buffer[64 * 1024];
  while (received < kBig) {
    const ssize_t got = ::read(client.socket(), buffer, sizeof buffer);
    ASSERT_GT(got, 0) << "after " << received << " bytes";
    received += static_cast<std::size_t>(got);
    last.assign(buffer, static_cast<std::size_t>(got));
    std::this_thread::sleep_until(start + received / 4096 * 1ms);  // some 4 MiB/s
  }
  EXPECT_GT(Clock::now() - start, options.write_timeout);
  while (!last.ends_with("next") && client.HearsWithin(2s)) last += client.ReadToEnd(20ms);
  EXPECT_TRUE(last.ends_with("next"));
  EXPECT_EQ(running.server().stats().closed_unread, 0U);
}

TEST(BigAnswer, IsGivenUpWhenTheClientDoesNotRead) {
  ServerOptions options;
  options.write_timeout = 300ms;
  RunningServer running(options, kBig);
  RawClient client(running.port(), {.receive_buffer = 4096});
  client.Send(PostRequest("/big", ""));
  EXPECT_TRUE(tests::WaitUntil([&] { return running.server().stats().closed_unread == 1; }, 5s));
  EXPECT_EQ(running.service().WaitForReports(1).size(), 1U) << "reported all the same";
  EXPECT_TRUE(tests::WaitUntil([&] { return running.server().stats().open_connections == 0; }, 5s));
}

struct Offence {
  const char* name;
  const char* bytes;
  std::chrono::microseconds pause;
};
void PrintTo(const Offence& offence, std::ostream* out) { *out << offence.name; }

class NonReadingClient : public testing::TestWithParam<Offence> {};

TEST_P(NonReadingClient, HarmsNobodyElse) {
  ServerOptions options;
  options.write_timeout = 500ms;
  RunningServer running(options);
  Latencies latencies;
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(latencies.Measure(running.port()));
  const std::size_t before = ResidentBytes();
  std::atomic<bool> stop{false};
  std::thread offender([&] {
    // Far more than the buffers of both sides hold.
    std::string bytes;
    while (bytes.size() < 64 * 1024) bytes += GetParam().bytes;
    if (GetParam().pause > 0us) bytes = GetParam().bytes;
    while (!stop) {
      RawClient client(running.port(), {.receive_buffer = 2048});
      auto next = Clock::now();
      while (!stop && client.Send(bytes, 20ms))
        std::this_thread::sleep_until(next += GetParam().pause);
      while (!stop && !client.HearsWithin(20ms)) {
      }
    }
  });
  const auto end = Clock::now() + 1s;
  while (Clock::now() < end) EXPECT_TRUE(latencies.Measure(running.port()));
  const std::size_t after = ResidentBytes();
  stop = true;
  offender.join();
  EXPECT_LT(latencies.Usual(), 250ms);
  EXPECT_LT(after, before + 48 * 1024 * 1024);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, NonReadingClient,
    testing::Values(
        Offence{"paced", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", 50us},
        Offence{"flood", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", 0us},
        Offence{"refused", "POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", 0us},
        Offence{"garbage", "A{B", 50us}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(FastSender, DoesNotKeepAWorkerToItself) {
  ServerOptions options;
  options.max_body = 1024 * 1024 * 1024;
  RunningServer running(options);
  std::atomic<bool> stop{false};
  std::thread sender([&] {
    RawClient client(running.port());
    client.Send("POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000\r\n\r\n");
    const std::string piece(256 * 1024, 'x');
    while (!stop && client.Send(piece)) {
    }
  });
  Latencies latencies;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(latencies.Measure(running.port()));
  EXPECT_LT(latencies.Usual(), 250ms);
  stop = true;
  sender.join();
}

}  // namespace
}  // namespace common::http
