#include "common/runtime/shutdown.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <new>

#include "tests/support/wait_until.h"

namespace common {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

void SendMyself(int signal) { ASSERT_EQ(::kill(::getpid(), signal), 0); }

bool IsReadable(int fd) {
  pollfd wanted{fd, POLLIN, 0};
  return ::poll(&wanted, 1, 0) == 1;
}

TEST(Shutdown, IsNotRequestedInitially) {
  const Shutdown shutdown;
  EXPECT_FALSE(shutdown.IsRequested());
  EXPECT_FALSE(shutdown.token().stop_requested());
  EXPECT_FALSE(IsReadable(shutdown.fd()));
  EXPECT_FALSE(shutdown.WaitUntil(Deadline::After(milliseconds(20))));
}

TEST(Shutdown, IsRequestedByASignal) {
  for (const int signal : {SIGTERM, SIGINT}) {
    SCOPED_TRACE(signal);
    const Shutdown shutdown;
    SendMyself(signal);
    EXPECT_TRUE(shutdown.WaitUntil(Deadline::After(seconds(10))));
    EXPECT_TRUE(shutdown.IsRequested());
    EXPECT_TRUE(shutdown.token().stop_requested());
    EXPECT_TRUE(IsReadable(shutdown.fd()));
    shutdown.Wait();
    EXPECT_TRUE(IsReadable(shutdown.fd()));
  }
}

TEST(Shutdown, CanBeRequestedByTheProgram) {
  Shutdown shutdown;
  shutdown.Request();
  shutdown.Request();
  EXPECT_TRUE(shutdown.IsRequested());
  EXPECT_TRUE(shutdown.WaitUntil(Deadline::After(milliseconds(0))));
}

TEST(Shutdown, WakesEveryWaitingThread) {
  Shutdown shutdown;
  std::atomic<int> woken = 0;
  {
    std::jthread first([&] { shutdown.Wait(), ++woken; });
    std::jthread second([&] { woken += shutdown.WaitUntil(Deadline::After(seconds(10))) ? 1 : 0; });
    SendMyself(SIGTERM);
  }
  EXPECT_EQ(woken, 2);
}

TEST(Shutdown, CallsAListenerForEachHangup) {
  Shutdown shutdown;
  std::atomic<int> hangups = 0;
  shutdown.OnHangup([&] { ++hangups; });
  for (int expected = 1; expected <= 3; ++expected) {
    SendMyself(SIGHUP);
    EXPECT_TRUE(tests::WaitUntil([&] { return hangups == expected; }, seconds(10)));
  }
  EXPECT_FALSE(shutdown.IsRequested());
}

TEST(Shutdown, WaitsForAReplacedListener) {
  Shutdown shutdown;
  std::atomic<bool> is_called = false;
  std::atomic<bool> may_end = false;
  std::atomic<bool> has_ended = false;
  shutdown.OnHangup([&] {
    is_called = true;
    EXPECT_TRUE(tests::WaitUntil([&] { return may_end.load(); }, seconds(10)));
    has_ended = true;
  });
  SendMyself(SIGHUP);
  ASSERT_TRUE(tests::WaitUntil([&] { return is_called.load(); }, seconds(10)));
  const std::jthread release([&] { may_end = true; });
  shutdown.OnHangup({});
  EXPECT_TRUE(has_ended);
}

TEST(Shutdown, AcceptsAStopWhileAHangupListenerHangs) {
  Shutdown shutdown;
  std::atomic<bool> is_called = false;
  std::atomic<bool> may_end = false;
  shutdown.OnHangup([&] {
    is_called = true;
    may_end.wait(false);
  });
  SendMyself(SIGHUP);
  EXPECT_TRUE(tests::WaitUntil([&] { return is_called.load(); }, seconds(10)));
  SendMyself(SIGTERM);
  EXPECT_TRUE(shutdown.WaitUntil(Deadline::After(seconds(10))));
  EXPECT_FALSE(shutdown.EndHangups(Deadline::After(milliseconds(50))));
  may_end = true;
  may_end.notify_all();
  EXPECT_TRUE(shutdown.EndHangups(Deadline::After(seconds(10))));
}

TEST(Shutdown, SurvivesAHangupListenerThatThrows) {
  Shutdown shutdown;
  std::atomic<int> hangups = 0;
  shutdown.OnHangup([&] {
    ++hangups;
    throw std::bad_alloc();
  });
  for (int expected = 1; expected <= 2; ++expected) {
    SendMyself(SIGHUP);
    EXPECT_TRUE(tests::WaitUntil([&] { return hangups == expected; }, seconds(10)));
  }
  EXPECT_TRUE(shutdown.EndHangups(Deadline::After(seconds(10))));
}

TEST(Shutdown, CallsAListenerAgainForHangupsDuringACall) {
  Shutdown shutdown;
  std::atomic<int> begun = 0;
  std::atomic<bool> may_end = false;
  shutdown.OnHangup([&] {
    ++begun;
    may_end.wait(false);
  });
  SendMyself(SIGHUP);
  EXPECT_TRUE(tests::WaitUntil([&] { return begun == 1; }, seconds(10)));
  SendMyself(SIGHUP);
  may_end = true;
  may_end.notify_all();
  EXPECT_TRUE(tests::WaitUntil([&] { return begun == 2; }, seconds(10)));
}

TEST(Shutdown, KeepsAHangupForALaterListener) {
  Shutdown shutdown;
  SendMyself(SIGHUP);
  // The signal thread may take it before or after the listener is set.
  std::atomic<int> hangups = 0;
  shutdown.OnHangup([&] { ++hangups; });
  EXPECT_TRUE(tests::WaitUntil([&] { return hangups == 1; }, seconds(10)));
}

TEST(Shutdown, SurvivesAWriteToAClosedPipe) {
  const Shutdown shutdown;
  int ends[2] = {};
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  EXPECT_EQ(::write(ends[1], "x", 1), -1);
  ::close(ends[1]);
}

TEST(Shutdown, CallsTheListenerOfItsLimitOnceForAStopThatHangs) {
  std::atomic<int> calls = 0;
  Shutdown shutdown;
  shutdown.LimitStop(milliseconds(30), [&] { ++calls; });
  EXPECT_FALSE(shutdown.WaitUntil(Deadline::After(milliseconds(60))));
  EXPECT_EQ(calls, 0) << "nobody has asked for a stop";
  shutdown.Request();
  EXPECT_TRUE(tests::WaitUntil([&] { return calls == 1; }, seconds(20)));
  shutdown.Request();
  shutdown.LimitStop(milliseconds(0), {});
  EXPECT_EQ(calls, 1);
}

TEST(Shutdown, EnforcesALimitThatComesAfterTheRequest) {
  std::atomic<int> calls = 0;
  Shutdown shutdown;
  SendMyself(SIGTERM);
  shutdown.Wait();
  shutdown.LimitStop(milliseconds(0), [&] { ++calls; });
  EXPECT_TRUE(tests::WaitUntil([&] { return calls == 1; }, seconds(20)));
}

TEST(Shutdown, ForgetsALimitThatIsReplaced) {
  std::atomic<int> calls = 0;
  Shutdown shutdown;
  shutdown.LimitStop(milliseconds(0), [&] { calls += 100; });
  shutdown.LimitStop(milliseconds(0), [&] { ++calls; });
  shutdown.Request();
  EXPECT_TRUE(tests::WaitUntil([&] { return calls == 1; }, seconds(20)));
}

TEST(ShutdownDeathTest, ExitsAtTheSecondSignal) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(
      {
        const Shutdown shutdown;
        SendMyself(SIGTERM);
        shutdown.Wait();
        SendMyself(SIGINT);
        ::sleep(10);
      },
      testing::ExitedWithCode(1), "");
}

}  // namespace
}  // namespace common
