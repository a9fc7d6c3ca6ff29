#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <list>
#include <string>

#include "tests/component/ingest/load/process_usage.h"
#include "tests/component/ingest/support/raw_connection.h"
#include "tests/component/ingest/support/running_ingest.h"
#include "tests/support/wait_until.h"

// The binary under floods of idle, slow and large clients. Memory and descriptors stay bounded, and
// a well-behaved client is answered meanwhile.
namespace ingest {
namespace {

using std::chrono::seconds;

constexpr std::size_t kMiB = std::size_t{1024} * 1024;
constexpr std::size_t kMaxInFlightBytes = 8 * kMiB;

/// As many clients as this process may open, at most 1500.
std::size_t ClientsPossible() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return std::min<std::size_t>(1500, static_cast<std::size_t>(limit.rlim_cur) / 2 - 100);
}

class FloodTest : public ::testing::Test {
 protected:
  FloodTest()
      : clients(ClientsPossible()),
        ingest({.more = "max_in_flight_bytes: 8MiB\n"
                        "max_connections: 5000\n"
                        "header_timeout: 9s\n"
                        "body_timeout: 9s\n",
                .more_providers = "  events: { kind: events, fetch: none, signature: { header: "
                                  "X-Signature, secrets: [key] } }\n"}) {
    EXPECT_TRUE(GoodClientIsAnswered());
    before = UsageOf(ingest.process().pid());
  }

  [[nodiscard]] bool GoodClientIsAnswered() const {
    RawConnection good(ingest.port());
    good.Send(PostOf("/callbacks/paper", "paper-secret", "{}"));
    const auto answer = good.ReadAnswer();
    // The 503 must come from the missing Kafka, not from the load.
    return StatusOf(answer) == 503 && answer->ends_with("\r\n\r\nnot stored, send it again\n");
  }

  /// Opens all clients. Each sends `bytes` and stays connected.
  void Flood(const std::string& bytes) {
    for (std::size_t i = 0; i < clients; ++i) {
      flood.emplace_back(ingest.port()).Send(bytes);
      if (i % 300 != 0) continue;
      EXPECT_TRUE(GoodClientIsAnswered()) << "among " << i << " others";
    }
    EXPECT_TRUE(GoodClientIsAnswered());
  }

  /// Memory above the level before the flood must be bounded by the configuration, not by the bytes
  /// sent.
  void ExpectBoundedMemory() {
    const ProcessUsage now = UsageOf(ingest.process().pid());
    const std::size_t peak = now.peak_memory - before.memory;
    RecordProperty("peak_kib", static_cast<int>(peak / 1024));
    if (!kMemoryIsMeaningful) return;
    EXPECT_LE(peak, kMaxInFlightBytes + clients * 4096 + 20 * kMiB);
  }

  void ExpectEverythingBack() {
    flood.clear();
    EXPECT_TRUE(tests::WaitUntil(
        [&] { return UsageOf(ingest.process().pid()).descriptors <= before.descriptors + 5; },
        seconds(20)))
        << UsageOf(ingest.process().pid()).descriptors << " descriptors, " << before.descriptors
        << " before";
    EXPECT_TRUE(GoodClientIsAnswered());
    EXPECT_TRUE(ingest.process().IsRunning());
  }

  [[nodiscard]] static std::string HeadOf(const std::string& secret, std::size_t length) {
    return "POST /callbacks/onfido HTTP/1.1\r\nHost: a\r\nAuthorization: " + secret +
           "\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
  }

  const std::size_t clients;
  RunningIngest ingest;
  ProcessUsage before;
  std::list<RawConnection> flood;
};

TEST_F(FloodTest, CostsLittleMemoryWithIdleConnections) {
  Flood("");
  const ProcessUsage now = UsageOf(ingest.process().pid());
  RecordProperty("bytes_per_connection", static_cast<int>((now.memory - before.memory) / clients));
  if (kMemoryIsMeaningful) {
    EXPECT_LE(now.memory - before.memory, clients * 4096 + 4 * kMiB);
  }
  ExpectEverythingBack();
}

TEST_F(FloodTest, BoundsTheMemoryOfUnfinishedHeads) {
  Flood("POST /callbacks/onfido HTTP/1.1\r\nX-Long: " + std::string(15'000, 'x'));
  ExpectBoundedMemory();
  ExpectEverythingBack();
}

TEST_F(FloodTest, BoundsTheMemoryOfUnfinishedBodies) {
  Flood(HeadOf("onfido-secret", kMiB) + std::string(100'000, 'b'));
  ExpectBoundedMemory();
  ExpectEverythingBack();
}

TEST_F(FloodTest, BoundsTheMemoryOfUnauthorizedRequestsWithManyFields) {
  std::string head = HeadOf("wrong", 60'000);
  head.resize(head.size() - 2);
  while (head.size() < 16'000) head += "a:\r\n";
  Flood(head + "\r\n" + "b");
  const ProcessUsage now = UsageOf(ingest.process().pid());
  const std::size_t peak = now.peak_memory - before.memory;
  RecordProperty("peak_kib", static_cast<int>(peak / 1024));
  if (kMemoryIsMeaningful) {
    EXPECT_LE(peak, clients * 4096 + 8 * kMiB);
  }
  ExpectEverythingBack();
}

TEST_F(FloodTest, BoundsTheMemoryOfUnfinishedBodiesWithManyFields) {
  std::string head = HeadOf("onfido-secret", kMiB);
  head.resize(head.size() - 2);
  while (head.size() < 16'000) head += "a:\r\n";
  Flood(head + "\r\n" + "b");
  ExpectBoundedMemory();
  ExpectEverythingBack();
}

TEST_F(FloodTest, BoundsTheMemoryOfUnauthorizedBodies) {
  Flood(HeadOf("wrong", kMiB) + std::string(100'000, 'b'));
  ExpectBoundedMemory();
  ExpectEverythingBack();
}

// Nobody knows whose these bodies are before they are whole. They get an eighth here, one body, and
// take nothing from others.
TEST_F(FloodTest, BoundsTheMemoryOfBodiesThatAreYetToBeVerified) {
  Flood("POST /callbacks/events HTTP/1.1\r\nHost: a\r\nX-Signature: 00\r\nContent-Length: " +
        std::to_string(kMiB) + "\r\n\r\n" + std::string(100'000, 'b'));
  const ProcessUsage now = UsageOf(ingest.process().pid());
  const std::size_t peak = now.peak_memory - before.memory;
  RecordProperty("peak_kib", static_cast<int>(peak / 1024));
  if (kMemoryIsMeaningful) {
    EXPECT_LE(peak, 2 * kMiB + clients * 4096 + 4 * kMiB);
  }
  ExpectEverythingBack();
}

TEST_F(FloodTest, BoundsTheMemoryOfUnreadAnswersToPipelinedRequests) {
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += PostOf("/callbacks/onfido", "wrong", "{}");
  Flood(requests);
  ExpectBoundedMemory();
  ExpectEverythingBack();
}

TEST(FloodOfSilentConnections, LocksOutNoSenderBeyondMaxConnections) {
  const std::size_t clients = ClientsPossible();
  RunningIngest ingest({.more = "max_connections: 300\n"});
  RawConnection kept(ingest.port());
  std::list<RawConnection> silent;
  for (std::size_t i = 0; i < clients; ++i) {
    silent.emplace_back(ingest.port());
    if (i % 20 != 0) continue;
    RawConnection sender(ingest.port());
    sender.Send(PostOf("/callbacks/paper", "paper-secret", "{}"));
    EXPECT_EQ(Summary(sender.ReadAnswer()), "503") << "among " << i << " silent clients";
    kept.Send(PostOf("/callbacks/paper", "paper-secret", "{}"));
    EXPECT_EQ(Summary(kept.ReadAnswer()), "503") << "silent connections must be evicted first";
  }
  EXPECT_LE(UsageOf(ingest.process().pid()).descriptors, 300U + 128U);
}

class FloodOfStrangers : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(
    Unended, FloodOfStrangers,
    ::testing::Values("P",  // One byte of a head.
                      "POST /callbacks/connect HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n",
                      "POST /callbacks/events HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"),
    [](const auto& tested) {
      return std::string(tested.index == 0   ? "Heads"
                         : tested.index == 1 ? "BodiesOfAnOpenRow"
                                             : "UnverifiedBodies");
    });

// Strangers who begin a request and never end it are no better than silent ones.
TEST_P(FloodOfStrangers, LocksOutNoSenderBeyondMaxConnections) {
  const std::size_t clients = ClientsPossible();
  RunningIngest ingest({.more = "max_connections: 300\nheader_timeout: 9s\nbody_timeout: 9s\n",
                        .more_providers = "  events: { kind: events, fetch: none, signature: { "
                                          "header: X-Signature, secrets: [key] } }\n"});
  std::list<RawConnection> strangers;
  for (std::size_t i = 0; i < clients; ++i) {
    strangers.emplace_back(ingest.port()).Send(GetParam());
    if (i % 20 != 0) continue;
    RawConnection sender(ingest.port());
    sender.Send(PostOf("/callbacks/paper", "paper-secret", "{}"));
    ASSERT_EQ(Summary(sender.ReadAnswer()), "503") << "among " << i << " strangers";
  }
}

}  // namespace
}  // namespace ingest
