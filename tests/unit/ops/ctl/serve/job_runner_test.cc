#include "ops/ctl/serve/job_runner.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>

#include "tests/support/wait_until.h"

namespace ctl {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using tests::WaitUntil;

/// Ends when it is stopped, or `opened` is.
void WaitForStop(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, stop, [] { return false; });
}

TEST(JobRunner, LimitsConcurrentJobs) {
  JobRunner jobs(2, hours(1));
  std::promise<void> end;
  const std::shared_future<void> ended = end.get_future().share();
  const auto wait = [ended](const std::stop_token& /*stop*/) { ended.wait(); };
  EXPECT_TRUE(jobs.Start(wait));
  EXPECT_TRUE(jobs.Start(wait));
  EXPECT_FALSE(jobs.Start(wait));
  end.set_value();
  EXPECT_TRUE(WaitUntil([&] { return jobs.Start([](const std::stop_token&) {}); }, seconds(60)));
}

TEST(JobRunner, StopsAJobThatTakesTooLong) {
  JobRunner jobs(1, milliseconds(20));
  std::promise<void> stopped;
  ASSERT_TRUE(jobs.Start([&](const std::stop_token& stop) {
    WaitForStop(stop);
    stopped.set_value();
  }));
  EXPECT_EQ(stopped.get_future().wait_for(seconds(60)), std::future_status::ready);
}

TEST(JobRunner, StopsAJobByItsName) {
  JobRunner jobs(2, hours(1));
  std::promise<void> stopped;
  ASSERT_TRUE(jobs.Start(
      [&](const std::stop_token& stop) {
        WaitForStop(stop);
        stopped.set_value();
      },
      7));
  std::promise<bool> was_stopped;
  std::promise<void> end;
  ASSERT_TRUE(jobs.Start(
      [&](const std::stop_token& stop) {
        end.get_future().wait();
        was_stopped.set_value(stop.stop_requested());
      },
      8));
  jobs.Stop(7);
  EXPECT_EQ(stopped.get_future().wait_for(seconds(60)), std::future_status::ready);
  end.set_value();
  EXPECT_FALSE(was_stopped.get_future().get()) << "the other one";
}

TEST(JobRunner, StopsItsJobsAtItsEnd) {
  JobRunner jobs(2, hours(1));
  ASSERT_TRUE(jobs.Start(WaitForStop));
  EXPECT_TRUE(jobs.End(common::Deadline::After(seconds(60))));
  EXPECT_FALSE(jobs.Start([](const std::stop_token&) {}));
}

TEST(JobRunner, TellsThatAJobGoesOn) {
  JobRunner jobs(1, hours(1));
  std::promise<void> end;
  ASSERT_TRUE(
      jobs.Start([ended = end.get_future().share()](const std::stop_token&) { ended.wait(); }));
  EXPECT_FALSE(jobs.End(common::Deadline::After(milliseconds(1))));
  end.set_value();
}

TEST(JobRunner, SurvivesAJobThatThrows) {
  JobRunner jobs(1, hours(1));
  ASSERT_TRUE(jobs.Start([](const std::stop_token&) { throw std::runtime_error("no"); }));
  EXPECT_TRUE(jobs.End(common::Deadline::After(seconds(60))));
}

}  // namespace
}  // namespace ctl
