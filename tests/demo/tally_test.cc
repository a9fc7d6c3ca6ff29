#include "tests/demo/tally.h"

#include <gtest/gtest.h>

namespace demo {
namespace {

TEST(DemoTally, RendersOneLinePerProviderAndOneForAll) {
  EXPECT_EQ(ToTable({{"onfido", {.callbacks = 3, .deliveries = 5, .results = 3}},
                     {"connect", {.callbacks = 1, .deliveries = 1, .removed = 0, .results = 1}}}),
            "\n"
            "provider      callbacks  deliveries  redeliveries removed  results\n"
            "onfido                3           5                     2        3\n"
            "eid                   0           0                     0        0\n"
            "readid                0           0                     0        0\n"
            "paper                 0           0                     0        0\n"
            "connect               1           1                     0        1\n"
            "all                   4           6                     2        4\n");
}

}  // namespace
}  // namespace demo
