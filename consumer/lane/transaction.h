#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "consumer/lane/committer.h"

namespace consumer {

/// One transactional producer, call by call.
///
/// Errors: kRetry: repeat the same call. kAbort: abort the transaction. kStop: this producer is
///         unusable, create a new one.
class TransactionalClient {
 public:
  virtual ~TransactionalClient() = default;

  virtual common::Result<void> Begin() = 0;
  /// Queues one record; `position` identifies it in Refusals().
  virtual common::Result<void> Produce(const OutgoingRecord& record, std::size_t position) = 0;
  virtual common::Result<void> SendOffsets(const std::vector<PartitionOffset>& offsets,
                                           const GroupMembership& membership,
                                           common::Deadline deadline) = 0;
  /// Waits for the delivery of the queued records.
  virtual common::Result<void> Flush(common::Deadline deadline) = 0;
  virtual common::Result<void> Commit(common::Deadline deadline) = 0;
  virtual common::Result<void> Abort(common::Deadline deadline) = 0;

  /// Since Begin(): the records whose delivery was refused.
  [[nodiscard]] virtual std::vector<Refusal> Refusals() const = 0;
  /// Since Begin(): the records neither delivered nor refused.
  [[nodiscard]] virtual std::vector<std::size_t> Undelivered() const = 0;

  struct EndRequests {
    int sent = 0;               ///< EndTxn requests written to a socket.
    bool is_ambiguous = false;  ///< A request of this transaction got no answer and was repeated.
  };
  /// Since Begin().
  [[nodiscard]] virtual EndRequests end_requests() const = 0;
};

/// How a transaction ended.
struct TransactionEnd {
  CommitOutcome outcome = CommitOutcome::kAborted;
  /// The producer must not begin another transaction: it is unusable, or one of its requests is
  /// still in flight and could end the next transaction (A3).
  bool must_recycle = false;
  std::string_view code;
  std::string detail;
  std::vector<Refusal> refusals;
};

// Begin ─► Produce… ─► Flush ─► SendOffsets ─► Commit ─► committed
//   │         │           │           │           │
//   │         └──────┬────┴───────────┘           ├─ no EndTxn was sent ─► Abort
//   │                ▼                            └─ otherwise ─► unknown, recycle
//   │     kAbort: Abort ─► aborted                ; after a failed delivery: recycle
//   └───► kStop, or the deadline: aborted, recycle   ; a commit was never requested

/// Sends the batch's offsets in a transaction of their own, which is aborted. None: that is done.
/// Otherwise, how it ended; the batch was not begun.
[[nodiscard]] std::optional<TransactionEnd> TryOffsets(TransactionalClient& client,
                                                       const Batch& batch,
                                                       common::Deadline deadline);

/// Runs the batch as one transaction and decides after each error.
[[nodiscard]] TransactionEnd RunTransaction(TransactionalClient& client, const Batch& batch,
                                            common::Deadline deadline);

}  // namespace consumer
