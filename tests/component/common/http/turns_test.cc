// How a server tells that a worker is held up.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/component/common/http/scripted_service.h"
#include "tests/support/raw_client.h"
#include "tests/support/wait_until.h"

namespace common::http {
namespace {

using namespace std::chrono_literals;
using tests::PostRequest;
using tests::RawClient;

TEST(Turns, GrowWhileOneOfTheWorkersIsHeldUpAndFallAfterwards) {
  ServerOptions options;
  options.threads = 2;
  RunningServer running(options);
  RawClient client(running.port());
  client.Send(PostRequest("/block", "{}"));
  ASSERT_TRUE(tests::WaitUntil([&] { return running.service().IsBlocked(); }, 20s));
  EXPECT_TRUE(tests::WaitUntil([&] { return running.server().LongestTurn() > 1500ms; }, 60s));
  running.service().Unblock();
  EXPECT_TRUE(tests::WaitUntil([&] { return running.server().LongestTurn() < 1s; }, 60s));
}

TEST(Turns, BeginAnewWhileNobodyAsks) {
  RunningServer running;
  auto longest = 0ms;
  const auto begins_anew = [&] {
    const auto now = running.server().LongestTurn();
    longest = std::max(longest, now);
    return now < longest;
  };
  EXPECT_TRUE(tests::WaitUntil(begins_anew, 60s));
}

}  // namespace
}  // namespace common::http
