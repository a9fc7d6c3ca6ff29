#include "tests/harness/ledger.h"

#include <gtest/gtest.h>

namespace tests {
namespace {

SentCallback Sent(const char* process, bool is_acknowledged) {
  return {.provider = "eid",
          .dossier_id = "d",
          .process_id = process,
          .status = "accepted",
          .is_acknowledged = is_acknowledged,
          .attempts = 1};
}

TEST(Ledger, FindsNoDiscrepancyInExactlyOnceDelivery) {
  EXPECT_EQ(Discrepancies({Sent("a", true), Sent("b", true), Sent("c", false), Sent("d", false)},
                          {"eid d b accepted", "eid d a accepted", "eid d c accepted"}),
            "");
}

TEST(Ledger, NamesMissingDoubledAndUnknownCallbacks) {
  EXPECT_EQ(Discrepancies({Sent("a", true), Sent("b", true), Sent("c", false)},
                          {"eid d b accepted", "eid d b accepted", "eid d c accepted",
                           "eid d c accepted", "eid d x accepted"}),
            "1 missing:\n  eid d a accepted\n"
            "2 doubled:\n  eid d b accepted, 2 times\n  eid d c accepted, 2 times\n"
            "1 never sent:\n  eid d x accepted\n");
}

TEST(Ledger, CountsSurplusDisposals) {
  const Discrepancy found = Compare({{"a"}, {"b"}, {"c", false}, {"d", false}, {"e"}},
                                    {"a", "a", "a", "b", "c", "x", "x"});
  EXPECT_EQ(found.surplus, 4);
  EXPECT_EQ(found.missing, std::vector<std::string>{"e"});
  EXPECT_EQ(found.doubled, std::vector<std::string>{"a, 3 times"});
  EXPECT_EQ(found.strange, std::vector<std::string>{"x"});
}

}  // namespace
}  // namespace tests
