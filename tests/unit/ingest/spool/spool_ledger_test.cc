#include "ingest/spool/spool_ledger.h"

#include <gtest/gtest.h>

namespace ingest {
namespace {

const common::ProviderTable kProviders;

TEST(SpoolLedger, HoldsAProviderUntilTheLastOfItsCallbacksIsAcknowledged) {
  SpoolLedger ledger(kProviders);
  EXPECT_FALSE(ledger.Holds("paper"));
  ledger.Queued("paper", 10);
  ledger.Queued("paper", 20);
  ledger.Queued("connect", 5);
  ledger.Acknowledged("paper");
  EXPECT_TRUE(ledger.Holds("paper"));
  ledger.Acknowledged("paper");
  EXPECT_FALSE(ledger.Holds("paper"));
  EXPECT_TRUE(ledger.Holds("connect"));
  EXPECT_FALSE(ledger.HoldsNothing());
  ledger.Acknowledged("connect");
  EXPECT_TRUE(ledger.HoldsNothing());
}

TEST(SpoolLedger, CountsAllNamesOfTheRowUnknownAsOneProvider) {
  SpoolLedger ledger(kProviders);
  ledger.Queued("typo/1", 10);
  SpoolHoldings holdings;
  holdings.by_provider["typo/2"] = {.records = 1, .bytes = 10};
  ledger.Counted(holdings, false);
  EXPECT_TRUE(ledger.Holds("typo/3"));
  EXPECT_FALSE(ledger.Holds("paper"));
  ledger.Acknowledged("typo/4");
  EXPECT_TRUE(ledger.Holds("typo/1"));
  ledger.Acknowledged("typo/1");
  EXPECT_FALSE(ledger.Holds("typo/1"));
  EXPECT_TRUE(ledger.HoldsNothing());
}

TEST(SpoolLedger, CountsBytesUntilTheyAreRemovedFromDisk) {
  SpoolLedger ledger(kProviders);
  ledger.Queued("paper", 10);
  ledger.Queued("paper", 20);
  ledger.Acknowledged("paper");
  EXPECT_EQ(ledger.fill().bytes, 30U);
  EXPECT_EQ(ledger.fill().records, 2U);
  ledger.Removed({.records = 1, .bytes = 10});
  EXPECT_EQ(ledger.fill().bytes, 20U);
  EXPECT_EQ(ledger.fill().records, 1U);
}

TEST(SpoolLedger, ForgetsUncommittedCallbacks) {
  SpoolLedger ledger(kProviders);
  ledger.Queued("paper", 10);
  ledger.Dropped("paper", 10);
  EXPECT_FALSE(ledger.Holds("paper"));
  EXPECT_EQ(ledger.fill().bytes, 0U);
  EXPECT_EQ(ledger.fill().records, 0U);
}

TEST(SpoolLedger, SubtractsEachCallbackFromTheFreeDisk) {
  SpoolLedger ledger(kProviders);
  ledger.FreeDiskIs(100);
  ledger.Queued("paper", 30);
  EXPECT_EQ(ledger.fill().free_disk, 40U) << "counted for the log and the table";
  ledger.Queued("paper", 30);
  EXPECT_EQ(ledger.fill().free_disk, 0U);
  ledger.FreeDiskIs(90);
  EXPECT_EQ(ledger.fill().free_disk, 90U);
}

TEST(SpoolLedger, RestartsFromPartialCounts) {
  SpoolLedger ledger(kProviders);
  ledger.Queued("connect", 10);
  ledger.Recount(400);
  EXPECT_EQ(ledger.fill().all_bytes(), 400U);
  EXPECT_EQ(ledger.fill().records, 0U);
  SpoolHoldings holdings;
  holdings.by_provider["paper"] = {.records = 3, .bytes = 300};
  ledger.Counted(holdings, false);
  EXPECT_TRUE(ledger.Holds("connect")) << "it may still be found";
  EXPECT_FALSE(ledger.HoldsNothing());
  EXPECT_EQ(ledger.fill().bytes, 300U);
  EXPECT_EQ(ledger.fill().all_bytes(), 400U);
  EXPECT_FALSE(ledger.fill().is_counted);
  holdings.by_provider.clear();
  holdings.by_provider["typo"] = {.records = 1, .bytes = 50};
  ledger.Counted(holdings, true);
  EXPECT_TRUE(ledger.fill().is_counted);
  EXPECT_EQ(ledger.fill().all_bytes(), 350U);
  EXPECT_FALSE(ledger.Holds("connect"));
  EXPECT_TRUE(ledger.Holds("paper"));
  EXPECT_TRUE(ledger.Holds("typo"));
  EXPECT_EQ(ledger.fill().records, 4U);
  EXPECT_EQ(ledger.fill().bytes, 350U);
}

TEST(SpoolLedger, HoldsNoProviderOfFinishedRows) {
  SpoolLedger ledger(kProviders);
  ledger.Recount(400);
  ledger.Counted({.done = {.records = 2, .bytes = 100}}, true);
  EXPECT_TRUE(ledger.HoldsNothing());
  EXPECT_EQ(ledger.fill().records, 2U) << "it takes up room";
  EXPECT_EQ(ledger.fill().bytes, 100U);
}

TEST(SpoolLedger, HoldsProvidersOfRowsFoundAfterCounting) {
  SpoolLedger ledger(kProviders);
  SpoolHoldings found;
  found.by_provider["paper"].Add(10);
  ledger.Counted(found, false);
  EXPECT_TRUE(ledger.Holds("paper"));
  EXPECT_TRUE(ledger.fill().is_counted);
  EXPECT_EQ(ledger.fill().records, 1U);
}

}  // namespace
}  // namespace ingest
