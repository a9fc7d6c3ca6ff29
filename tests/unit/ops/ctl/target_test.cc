#include "ops/ctl/send/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ctl {
namespace {

TEST(Target, IsWarnedOfIfItEndsWithAProvider) {
  EXPECT_EQ(
      WarningOfTarget("http://h:1/callbacks/onfido/", "eid"),
      "--target ends with the provider onfido, so callbacks go to "
      "http://h:1/callbacks/onfido/eid; it should end with ingest's address or its path prefix");
  EXPECT_NE(WarningOfTarget("http://h/callbacks/SignicatVideoID", "eid"), "") << "an alias";
  EXPECT_NE(WarningOfTarget("http://h/callbacks/mine", "mine"), "") << "the given one";
}

TEST(Target, IsNotWarnedOfIfItEndsWithTheAddressOrThePrefix) {
  for (const char* target : {"http://onfido:8080", "http://onfido/", "h", "http://h/callbacks",
                             "https://h/assure/events/", "http://h/onfido/callbacks"}) {
    EXPECT_EQ(WarningOfTarget(target, "onfido"), "") << target;
  }
}

}  // namespace
}  // namespace ctl
