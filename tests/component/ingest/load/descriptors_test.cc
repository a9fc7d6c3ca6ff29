#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <list>
#include <thread>

#include "tests/component/ingest/load/process_usage.h"
#include "tests/component/ingest/support/raw_connection.h"
#include "tests/component/ingest/support/running_ingest.h"
#include "tests/support/http_client.h"
#include "tests/support/wait_until.h"

// The binary when accept(2) has no descriptors left.
namespace ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

int StatusOver(RawConnection& connection) {
  connection.Send(PostOf("/callbacks/onfido", "onfido-secret", "{}"));
  return StatusOf(connection.ReadAnswer());
}

void LimitDescriptors(pid_t process, std::size_t limit) {
  const rlimit few{.rlim_cur = limit, .rlim_max = limit};
  ASSERT_EQ(::prlimit(process, RLIMIT_NOFILE, &few, nullptr), 0);
}

TEST(IngestWithoutDescriptors, ServesConnectedClientsWithoutSpinning) {
  RunningIngest ingest({});
  RawConnection before(ingest.port());
  ASSERT_EQ(StatusOver(before), 503);
  const pid_t process = ingest.process().pid();
  const std::size_t limit = UsageOf(process).descriptors + 20;
  LimitDescriptors(process, limit);

  std::list<RawConnection> flood;
  for (int i = 0; i < 200; ++i) flood.emplace_back(ingest.port());
  ASSERT_TRUE(tests::WaitUntil([&] { return UsageOf(process).descriptors >= limit; }, seconds(20)));

  const milliseconds cpu = UsageOf(process).cpu;
  const auto start = Clock::now();
  int answered = 0;
  while (Clock::now() - start < seconds(1)) {
    ASSERT_EQ(StatusOver(before), 503);
    ++answered;
    std::this_thread::sleep_for(milliseconds(20));
  }
  EXPECT_GT(answered, 0);
  // A spinning worker would use all of this time.
  EXPECT_LT(UsageOf(process).cpu - cpu, milliseconds(500));

  RawConnection waiting(ingest.port());
  waiting.Send(PostOf("/callbacks/onfido", "onfido-secret", "{}"));
  flood.clear();
  EXPECT_EQ(StatusOf(waiting.ReadAnswer()), 503) << "the waiting client must be served";
  RawConnection after(ingest.port());
  EXPECT_EQ(StatusOver(after), 503);
  EXPECT_EQ(tests::Get(ingest.AdminUrl("/livez")).status, 200);
}

TEST(IngestWithFewDescriptors, LimitsConnectionsAndStaysReachable) {
  RunningIngest ingest({.descriptors = 200});
  EXPECT_TRUE(ingest.process().WaitForOutput("\"connections\":50", seconds(10)))
      << ingest.process().Describe();
  RawConnection first(ingest.port());
  ASSERT_EQ(StatusOver(first), 503);
  std::list<RawConnection> flood;
  for (int i = 0; i < 300; ++i) {
    RawConnection& connection = flood.emplace_back(ingest.port());
    if (i % 3 == 0) continue;  // Stays silent.
    ASSERT_EQ(StatusOver(connection), 503) << "connection " << i;
  }
  EXPECT_TRUE(first.WaitForClose()) << "the oldest connection must make room";
  RawConnection after(ingest.port());
  EXPECT_EQ(StatusOver(after), 503);
  EXPECT_EQ(tests::Get(ingest.AdminUrl("/livez")).status, 200);
  EXPECT_EQ(ingest.process().StandardError().find("Too many open files"), std::string::npos);
}

}  // namespace
}  // namespace ingest
