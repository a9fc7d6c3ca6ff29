#include "common/http/idle_connections.h"

#include <gtest/gtest.h>

#include <chrono>

namespace common::http {
namespace {

using std::chrono::seconds;

IdleConnections::TimePoint At(int second) { return IdleConnections::TimePoint(seconds(second)); }

struct IdleConnectionsTest : testing::Test {
  IdleConnections idle;
  IdlePlace a;
  IdlePlace b;
  IdlePlace c;
};

TEST_F(IdleConnectionsTest, GiveTheLongestIdleFirst) {
  EXPECT_TRUE(idle.IsEmpty());
  EXPECT_EQ(idle.Oldest(), nullptr);
  idle.Enter(a, At(1));
  idle.Enter(b, At(2));
  idle.Enter(c, At(3));
  for (IdlePlace* const place : {&a, &b, &c}) {
    EXPECT_FALSE(idle.IsEmpty());
    EXPECT_EQ(idle.Oldest(), place);
    IdleConnections::Leave(*place);
  }
  EXPECT_TRUE(idle.IsEmpty());
}

TEST_F(IdleConnectionsTest, KeepThePlaceOfOneThatIsIdleSinceTheSameTime) {
  idle.Enter(a, At(1));
  idle.Enter(b, At(1));
  idle.Enter(a, At(1));
  EXPECT_EQ(idle.Oldest(), &a);
}

TEST_F(IdleConnectionsTest, PutOneThatWasBusyMeanwhileAtTheEnd) {
  idle.Enter(a, At(1));
  idle.Enter(b, At(2));
  idle.Enter(a, At(3));
  EXPECT_EQ(idle.Oldest(), &b);
}

TEST_F(IdleConnectionsTest, LoseOneThatEndsOrEntersAnotherList) {
  IdleConnections others;
  idle.Enter(a, At(1));
  {
    IdlePlace short_lived;
    idle.Enter(short_lived, At(2));
    idle.Enter(b, At(3));
  }
  others.Enter(a, At(4));
  EXPECT_EQ(idle.Oldest(), &b);
  EXPECT_EQ(others.Oldest(), &a);
}

}  // namespace
}  // namespace common::http
