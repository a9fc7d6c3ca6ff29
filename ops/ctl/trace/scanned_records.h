#pragma once

#include "common/callback/callback_facts.h"
#include "common/domain/provider_rules.h"
#include "common/domain/record_headers.h"
#include "ops/ctl/kafka/topic_scan.h"
#include "ops/ctl/trace/trace_records.h"

namespace ctl {

/// Keeps what a trace needs of a record of `callbacks`. `facts`, `headers`: read from it.
[[nodiscard]] TracedCallback ToTracedCallback(const ScannedRecord& record,
                                              common::CallbackFacts facts,
                                              const common::RecordHeaders& headers,
                                              const common::ProviderTable& providers);
/// Of a record of `processes`.
[[nodiscard]] TracedOutcome ToTracedResult(const ScannedRecord& record,
                                           const common::ProviderTable& providers);
/// Of a record of `callbacks.expected`.
[[nodiscard]] TracedAnnouncement ToTracedAnnouncement(const ScannedRecord& record);
/// Of a record of `callbacks.dead`.
[[nodiscard]] TracedOutcome ToTracedLetter(const ScannedRecord& record);

}  // namespace ctl
