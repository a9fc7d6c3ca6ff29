#include "tests/demo/background_run.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "tests/support/temp_directory.h"

namespace demo {
namespace {

TEST(BackgroundRun, TellsTheCallerItsStatusAndStaysUntilItIsStopped) {
  const tests::TempDirectory directory;
  BackgroundRun run;
  const auto status = run.Begin();
  if (!status) {
    BackgroundRun::NotePidIn(directory.path());
    run.TellStatusAndWait(3);
    ::_exit(0);
  }
  EXPECT_EQ(status, 3);
  const pid_t pid = std::atoi(tests::ReadFile(directory.path() / "pid").c_str());
  EXPECT_EQ(::kill(pid, 0), 0);
  StopBackgroundRun(directory.path());
  EXPECT_FALSE(std::filesystem::exists("/proc/" + std::to_string(pid) + "/exe"));
}

TEST(BackgroundRun, ReturnsTheExitStatusOfAChildThatEndsEarlier) {
  BackgroundRun run;
  const auto status = run.Begin();
  if (!status) ::_exit(5);
  EXPECT_EQ(status, 5);
}

TEST(BackgroundRun, LeavesAnotherProgramWithItsPidRunning) {
  const tests::TempDirectory directory;
  directory.Write("pid", std::to_string(::getppid()) + "\n");
  StopBackgroundRun(directory.path());
  EXPECT_EQ(::kill(::getppid(), 0), 0);
}

}  // namespace
}  // namespace demo
