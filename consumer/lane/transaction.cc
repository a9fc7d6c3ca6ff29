#include "consumer/lane/transaction.h"

#include <algorithm>
#include <utility>

namespace consumer {
namespace {

using common::Deadline;
using common::Error;
using common::Remedy;
using common::Result;

/// Repeats the call while its errors ask for that.
template <typename Call>
Result<void> Insist(Deadline deadline, Call call) {
  while (true) {
    Result<void> result = call();
    if (result || result.error().remedy != Remedy::kRetry || deadline.HasPassed()) return result;
  }
}

Result<void> ProduceAll(TransactionalClient& client, const Batch& batch) {
  for (std::size_t position = 0; position < batch.records.size(); ++position) {
    if (Result<void> queued = client.Produce(batch.records[position], position); !queued) {
      return queued;
    }
  }
  return {};
}

TransactionEnd Ended(CommitOutcome outcome, bool must_recycle, const Error& error) {
  return {.outcome = outcome,
          .must_recycle = must_recycle,
          .code = error.code,
          .detail = error.detail,
          .refusals = {}};
}

/// Precondition: no EndTxn that commits was sent.
TransactionEnd Abort(TransactionalClient& client, const Error& why, Deadline deadline) {
  if (why.remedy != Remedy::kAbort) return Ended(CommitOutcome::kAborted, true, why);
  TransactionEnd end = Ended(CommitOutcome::kAborted, false, why);
  const Result<void> aborted = Insist(deadline, [&] { return client.Abort(deadline); });
  end.refusals = client.Refusals();  // Complete once the abort has drained all delivery reports.
  end.must_recycle = !aborted || client.end_requests().is_ambiguous;
  return end;
}

Deadline DeliveryDeadline(const Batch& batch, Deadline deadline) {
  if (!batch.patience) return deadline;
  return Deadline(std::min(deadline.at(), Deadline::After(*batch.patience).at()));
}

TransactionEnd DeliveryFailed(TransactionalClient& client, const Error& why, Deadline deadline) {
  const std::vector<std::size_t> undelivered =
      why.remedy == Remedy::kRetry ? client.Undelivered() : std::vector<std::size_t>();
  TransactionEnd end = Abort(client, why, deadline);
  end.must_recycle = true;
  for (const std::size_t position : undelivered) {
    end.refusals.push_back({position, RefusalReason::kUnavailable});
  }
  return end;
}

TransactionEnd CommitFailed(TransactionalClient& client, const Error& why, Deadline deadline) {
  const auto unknown = [&] { return Ended(CommitOutcome::kUnknown, true, why); };
  if (why.remedy != Remedy::kAbort || client.end_requests().sent > 0) return unknown();
  // A queued EndTxn may still be written before the abort's own; then two are sent.
  TransactionEnd end = Abort(client, why, deadline);
  const bool has_aborted = !end.must_recycle && client.end_requests().sent <= 1;
  return has_aborted ? end : unknown();
}

}  // namespace

std::optional<TransactionEnd> TryOffsets(TransactionalClient& client, const Batch& batch,
                                         Deadline deadline) {
  if (const Result<void> begun = client.Begin(); !begun) {
    return Ended(CommitOutcome::kAborted, true, begun.error());
  }
  const Result<void> sent = Insist(
      deadline, [&] { return client.SendOffsets(batch.offsets, batch.membership, deadline); });
  if (!sent) return Abort(client, sent.error(), deadline);
  const Result<void> aborted = Insist(deadline, [&] { return client.Abort(deadline); });
  if (!aborted) return Ended(CommitOutcome::kAborted, true, aborted.error());
  if (!client.end_requests().is_ambiguous) return std::nullopt;
  return Ended(CommitOutcome::kAborted, true,
               {Remedy::kStop, "unexpected", "a request of the trial got no answer"});
}

TransactionEnd RunTransaction(TransactionalClient& client, const Batch& batch, Deadline deadline) {
  if (const Result<void> begun = client.Begin(); !begun) {
    return Ended(CommitOutcome::kAborted, true, begun.error());
  }
  if (const Result<void> produced = ProduceAll(client, batch); !produced) {
    return Abort(client, produced.error(), deadline);
  }
  // Flush before sending offsets: once a delivery has failed, librdkafka answers them with a bare
  // _STATE, and the sequence numbers of the failed delivery are missing in the next transaction.
  const Deadline delivered_by = DeliveryDeadline(batch, deadline);
  const Result<void> flushed = Insist(delivered_by, [&] { return client.Flush(delivered_by); });
  if (!flushed) return DeliveryFailed(client, flushed.error(), deadline);
  const Result<void> sent = Insist(
      deadline, [&] { return client.SendOffsets(batch.offsets, batch.membership, deadline); });
  if (!sent) return Abort(client, sent.error(), deadline);
  const Result<void> committed = Insist(deadline, [&] { return client.Commit(deadline); });
  if (!committed) return CommitFailed(client, committed.error(), deadline);
  return {.outcome = CommitOutcome::kCommitted,
          .must_recycle = client.end_requests().is_ambiguous,
          .code = {},
          .detail = {},
          .refusals = {}};
}

}  // namespace consumer
