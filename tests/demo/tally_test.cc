#include "tests/demo/tally.h"

#include <gtest/gtest.h>

namespace demo {
namespace {

TEST(DemoTally, RendersOneLinePerProviderAndOneForAll) {
  EXPECT_EQ(ToTable({{"onfido", {.callbacks = 3, .deliveries = 5, .results = 3}},
                     {"connect", {.callbacks = 1, .deliveries = 1, .removed = 0, .results = 1}},
                     {"events", {.callbacks = 2, .deliveries = 6, .ignored = 1, .results = 2}}}),
            "\n"
            "provider      callbacks  deliveries  redeliveries removed  ignored  results\n"
            "onfido                3           5                     2        0        3\n"
            "eid                   0           0                     0        0        0\n"
            "readid                0           0                     0        0        0\n"
            "paper                 0           0                     0        0        0\n"
            "connect               1           1                     0        0        1\n"
            "events                2           6                     3        1        2\n"
            "all                   6          12                     5        1        6\n");
}

}  // namespace
}  // namespace demo
