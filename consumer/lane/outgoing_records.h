#pragma once

#include <string>
#include <string_view>

#include "common/base/rfc3339.h"
#include "common/domain/dead_letter.h"
#include "common/domain/fetch_effort.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/lane/pending_callbacks.h"
#include "consumer/lane/records.h"
#include "consumer/state/result_record.h"

namespace consumer {

/// The record of a callback's result on `processes`.
[[nodiscard]] OutgoingRecord ResultOf(const PendingCallback& callback, const Fetched& fetched,
                                      common::FetchEffort effort);

/// The record of an event that is its own result. `event`: its published form.
[[nodiscard]] OutgoingRecord ResultOf(const PendingCallback& callback, std::string_view event);

/// The record of a reconciled process.
[[nodiscard]] OutgoingRecord ResultOf(Partition partition, const ReconciledFacts& facts,
                                      const Fetched& fetched, common::FetchEffort effort);

/// Why the callback, a record of `topic`, becomes a dead letter.
[[nodiscard]] common::DeadLetter LetterOf(const PendingCallback& callback,
                                          common::FetchEffort effort, Unfetchable why,
                                          const std::string& topic, common::WallTime failed_at);
/// That letter's record on `callbacks.dead`.
[[nodiscard]] OutgoingRecord DeadLetterOf(const PendingCallback& callback,
                                          const common::DeadLetter& letter);

}  // namespace consumer
