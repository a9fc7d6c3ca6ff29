#pragma once

#include "common/callback/callback_facts.h"
#include "common/domain/marker.h"
#include "common/domain/record_headers.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/lane/pending_callbacks.h"
#include "consumer/lane/records.h"

namespace consumer {

/// Follows callbacks and reconciled processes for traces.
///
///   Taken ─► Completed ─► Committed        ; Completed again if the record is made anew
///     └────────┴────────► Dropped | DroppedAll: read again, by this lane or another one
///
/// Threads: confined to the lane. An implementation must not block.
class CallbackTraces {
 public:
  virtual ~CallbackTraces() = default;

  virtual void Taken(JobId id, const PendingCallback& callback) = 0;
  virtual void Redelivered(const ArrivedRecord& record, const common::CallbackFacts& facts) = 0;
  /// Its record is made; sets the record's `traceparent`. Also of a look whose process is finished.
  virtual void Completed(JobId id, common::MarkerOutcome outcome,
                         common::RecordHeaders& headers) = 0;
  /// Null: of a reconciled process.
  virtual void Committed(JobId id, const PendingCallback* callback) = 0;
  /// Nothing comes of it: it is a duplicate after all, or is read again.
  virtual void Dropped(JobId id) = 0;
  virtual void DroppedAll() = 0;
};

}  // namespace consumer
