#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "ops/ctl/run.h"

namespace ctl {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(DeadWithoutABroker, CannotBeListed) {
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(ctl::Run({"dead", "list", "--bootstrap", "127.0.0.1:9"}, out, err), 1);
  EXPECT_EQ(out.str(), "");
  EXPECT_THAT(err.str(), AllOf(HasSubstr("callbacks.dead: no broker answers at 127.0.0.1:9"),
                               HasSubstr("Connection refused")));
}

}  // namespace
}  // namespace ctl
