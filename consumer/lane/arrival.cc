#include "consumer/lane/arrival.h"

#include <string>

#include "common/domain/reconciled.h"

namespace consumer {

Arrival ArrivalRules::Of(const common::CallbackFacts& facts, const RecordPlace& place) const {
  const common::Windows windows = common::WindowsOf(facts, place.time, providers_);
  const common::RecordTimes times =
      common::TimesOf(facts, place.effective_time, windows.identity, reach_);
  Arrival arrival{.offset = place.offset,
                  .identity = facts.identity,
                  .event = facts.event_identity,
                  .record_time = place.time,
                  .judged_at = times.judged_at,
                  .marked_at = times.marked_at,
                  .windows = windows};
  if (!IsCompared(facts)) return arrival;
  const std::string status = facts.status.value_or("");
  arrival.reconciled = common::IdentityOfReconciled(facts.dossier, facts.process, status);
  if (facts.row == common::ProviderTable::kUnknown) {
    arrival.no_row = common::IdentityOfNoRow(facts.dossier, facts.process, status);
  }
  return arrival;
}

/// It names a process, and has the identity that its first delivery would have. A letter that was
/// malformed keeps it when redriven.
bool ArrivalRules::IsCompared(const common::CallbackFacts& facts) const {
  return watches_expected_ && facts.handling == common::Handling::kFetch &&
         facts.identity == facts.original;
}

}  // namespace consumer
