// One failure for each arrow of the drawing in transaction.h.
#include "consumer/lane/transaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>

namespace consumer {
namespace {

using common::Error;
using common::Remedy;
using common::Result;

constexpr Remedy kRetry = Remedy::kRetry;
constexpr Remedy kAbort = Remedy::kAbort;
constexpr Remedy kStop = Remedy::kStop;

/// Fails the calls named in the script, in its order; all others succeed.
class ScriptedClient final : public TransactionalClient {
 public:
  Result<void> Begin() override { return Call("begin"); }
  Result<void> Produce(const OutgoingRecord& /*record*/, std::size_t /*position*/) override {
    return Call("produce");
  }
  Result<void> SendOffsets(const std::vector<PartitionOffset>& /*offsets*/,
                           const GroupMembership& /*membership*/,
                           common::Deadline /*deadline*/) override {
    return Call("offsets");
  }
  Result<void> Flush(common::Deadline /*deadline*/) override { return Call("flush"); }
  Result<void> Commit(common::Deadline /*deadline*/) override {
    end.sent += end_sent_by_commit;
    return Call("commit");
  }
  Result<void> Abort(common::Deadline /*deadline*/) override {
    end.sent += end_sent_by_abort;
    return Call("abort");
  }
  [[nodiscard]] std::vector<Refusal> Refusals() const override { return refusals; }
  [[nodiscard]] std::vector<std::size_t> Undelivered() const override { return undelivered; }
  [[nodiscard]] EndRequests end_requests() const override { return end; }

  std::map<std::string, std::deque<Remedy>> script;
  std::vector<Refusal> refusals;
  std::vector<std::size_t> undelivered;
  EndRequests end;
  int end_sent_by_commit = 1;
  int end_sent_by_abort = 1;
  std::string calls;

 private:
  Result<void> Call(const std::string& name) {
    calls += (calls.empty() ? "" : " ") + name;
    auto& failures = script[name];
    if (failures.empty()) return {};
    const Remedy remedy = failures.front();
    failures.pop_front();
    return Error{remedy, "code", name + " failed"};
  }
};

Batch OneResult() {
  Batch batch;
  batch.records.resize(2);
  batch.offsets = {{Partition(0), Offset(1)}};
  return batch;
}

std::string EndOf(ScriptedClient& client, std::chrono::milliseconds limit = std::chrono::hours(1)) {
  const TransactionEnd end = RunTransaction(client, OneResult(), common::Deadline::After(limit));
  std::string text = end.outcome == CommitOutcome::kCommitted ? "committed"
                     : end.outcome == CommitOutcome::kAborted ? "aborted"
                                                              : "unknown";
  return text + (end.must_recycle ? ", recycle" : "");
}

TEST(Transaction, FlushesThenSendsOffsetsThenCommits) {
  ScriptedClient client;
  EXPECT_EQ(EndOf(client), "committed");
  EXPECT_EQ(client.calls, "begin produce produce flush offsets commit");
}

TEST(Transaction, RecyclesProducerThatCannotBegin) {
  ScriptedClient client;
  client.script["begin"] = {kStop};
  EXPECT_EQ(EndOf(client), "aborted, recycle");
  EXPECT_EQ(client.calls, "begin");
}

struct Failure {
  std::string call;
  Remedy remedy;
  std::string expected;
  std::string calls;
};
void PrintTo(const Failure& failure, std::ostream* out) { *out << failure.call; }

class BeforeCommit : public ::testing::TestWithParam<Failure> {};

TEST_P(BeforeCommit, FailureAbortsTransaction) {
  ScriptedClient client;
  client.script[GetParam().call] = {GetParam().remedy};
  EXPECT_EQ(EndOf(client), GetParam().expected);
  EXPECT_EQ(client.calls, GetParam().calls);
}

INSTANTIATE_TEST_SUITE_P(
    Transaction, BeforeCommit,
    ::testing::Values(
        Failure{"produce", kAbort, "aborted", "begin produce abort"},
        Failure{"produce", kStop, "aborted, recycle", "begin produce"},
        Failure{"offsets", kAbort, "aborted", "begin produce produce flush offsets abort"},
        Failure{"offsets", kStop, "aborted, recycle", "begin produce produce flush offsets"},
        Failure{"offsets", kRetry, "committed",
                "begin produce produce flush offsets offsets commit"},
        Failure{"flush", kAbort, "aborted, recycle", "begin produce produce flush abort"},
        Failure{"flush", kStop, "aborted, recycle", "begin produce produce flush"},
        Failure{"flush", kRetry, "committed", "begin produce produce flush flush offsets commit"}));

TEST(Transaction, RepeatsRetriableCommit) {
  ScriptedClient client;
  client.script["commit"] = {kRetry, kRetry};
  EXPECT_EQ(EndOf(client), "committed");
}

TEST(Transaction, IsUnknownAfterFailedCommit) {
  for (const Remedy remedy : {kAbort, kStop}) {
    ScriptedClient client;
    client.script["commit"] = {remedy};
    EXPECT_EQ(EndOf(client), "unknown, recycle");
    EXPECT_EQ(client.calls, "begin produce produce flush offsets commit");
  }
}

TEST(Transaction, IsUnknownAfterCommitTimeout) {
  ScriptedClient client;
  client.end_sent_by_commit = 0;  // it may still be sent
  client.script["commit"] = {kRetry};
  EXPECT_EQ(EndOf(client, std::chrono::milliseconds(0)), "unknown, recycle");
}

TEST(Transaction, AbortsIfCommitFailsBeforeSendingEndTxn) {
  ScriptedClient client;
  client.end_sent_by_commit = 0;
  client.script["commit"] = {kAbort};
  EXPECT_EQ(EndOf(client), "aborted");
}

TEST(Transaction, IsUnknownIfQueuedCommitIsSentBeforeAbort) {
  ScriptedClient client;
  client.end_sent_by_commit = 0;
  client.end_sent_by_abort = 2;  // the commit's and its own
  client.script["commit"] = {kAbort};
  EXPECT_EQ(EndOf(client), "unknown, recycle");
}

TEST(Transaction, RecyclesProducerAfterAmbiguousEnd) {
  ScriptedClient client;  // A3
  client.end.is_ambiguous = true;
  EXPECT_EQ(EndOf(client), "committed, recycle");
  client.script["offsets"] = {kAbort};
  EXPECT_EQ(EndOf(client), "aborted, recycle");
}

TEST(Transaction, RecyclesProducerWhenAbortFails) {
  ScriptedClient client;
  client.script["offsets"] = {kAbort};
  client.script["abort"] = {kStop};
  EXPECT_EQ(EndOf(client), "aborted, recycle");
}

std::string TrialOf(ScriptedClient& client,
                    std::chrono::milliseconds limit = std::chrono::hours(1)) {
  const auto failed = TryOffsets(client, OneResult(), common::Deadline::After(limit));
  if (!failed) return "tried";
  EXPECT_EQ(failed->outcome, CommitOutcome::kAborted) << "nothing else may follow a trial";
  return failed->must_recycle ? "failed, recycle" : "failed";
}

TEST(OffsetsTrial, SendsNothingButOffsetsAndAborts) {
  ScriptedClient client;
  EXPECT_EQ(TrialOf(client), "tried");
  EXPECT_EQ(client.calls, "begin offsets abort");
}

TEST(OffsetsTrial, IsRepeatedByTheSameProducerIfTheOffsetsAreRefused) {
  ScriptedClient client;
  client.script["offsets"] = {kAbort};
  EXPECT_EQ(TrialOf(client), "failed");
  EXPECT_EQ(client.calls, "begin offsets abort");
}

TEST(OffsetsTrial, ProvesNothingIfAnyRequestOrCallFails) {
  for (const std::string call : {"begin", "offsets", "abort"}) {
    ScriptedClient client;
    client.script[call] = {kStop};
    EXPECT_EQ(TrialOf(client), "failed, recycle") << call;
  }
  ScriptedClient impatient;
  impatient.script["offsets"] = {kRetry};
  EXPECT_EQ(TrialOf(impatient, std::chrono::milliseconds(0)), "failed, recycle");
  ScriptedClient unanswered;
  unanswered.end.is_ambiguous = true;
  EXPECT_EQ(TrialOf(unanswered), "failed, recycle");
}

TEST(OffsetsTrial, InsistsOnRetriableCalls) {
  ScriptedClient client;
  client.script["offsets"] = {kRetry};
  client.script["abort"] = {kRetry};
  EXPECT_EQ(TrialOf(client), "tried");
  EXPECT_EQ(client.calls, "begin offsets offsets abort abort");
}

std::vector<Refusal> RefusalsOf(ScriptedClient& client, const Batch& batch,
                                std::chrono::milliseconds limit = std::chrono::hours(1)) {
  return RunTransaction(client, batch, common::Deadline::After(limit)).refusals;
}

TEST(Transaction, ReportsRefusedRecords) {
  ScriptedClient client;
  client.refusals = {{1, RefusalReason::kTooLarge}};
  client.script["flush"] = {kAbort};
  EXPECT_EQ(RefusalsOf(client, OneResult()), client.refusals);
}

TEST(Transaction, ReportsRecordsNotDeliveredInTime) {
  ScriptedClient client;
  client.undelivered = {1};
  client.script["flush"] = {kRetry};
  const std::vector<Refusal> unavailable{{1, RefusalReason::kUnavailable}};
  EXPECT_EQ(RefusalsOf(client, OneResult(), std::chrono::milliseconds(0)), unavailable);
  client.script["flush"] = {kRetry};
  Batch impatient = OneResult();
  impatient.patience = std::chrono::milliseconds(0);
  EXPECT_EQ(RefusalsOf(client, impatient), unavailable) << "although the transaction had an hour";
}

TEST(Transaction, BlamesNoRecordForEndOfProducer) {
  ScriptedClient client;
  client.undelivered = {0, 1};
  client.script["flush"] = {kStop};
  EXPECT_EQ(RefusalsOf(client, OneResult()), std::vector<Refusal>());
}

}  // namespace
}  // namespace consumer
