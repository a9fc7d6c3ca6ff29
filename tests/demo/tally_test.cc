#include "tests/demo/tally.h"

#include <gtest/gtest.h>

namespace demo {
namespace {

TEST(DemoTally, RendersOneLinePerProviderAndOneForAll) {
  EXPECT_EQ(
      ToTable({{"onfido", {.callbacks = 3, .deliveries = 5, .results = 3}},
               {"readid",
                {.callbacks = 2, .deliveries = 2, .unsent = 1, .reconciled = 1, .results = 2}},
               {"connect", {.callbacks = 1, .deliveries = 1, .removed = 0, .results = 1}},
               {"events", {.callbacks = 2, .deliveries = 6, .ignored = 1, .results = 2}}}),
      "\n"
      "provider      callbacks  deliveries  redeliveries removed  ignored  never sent  results\n"
      "onfido                3           5                     2        0           0        3\n"
      "eid                   0           0                     0        0           0        0\n"
      "readid                2           2                     1        0           1        2\n"
      "paper                 0           0                     0        0           0        0\n"
      "connect               1           1                     0        0           0        1\n"
      "events                2           6                     3        1           0        2\n"
      "all                   8          14                     6        1           1        8\n");
}

}  // namespace
}  // namespace demo
