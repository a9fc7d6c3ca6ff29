#include <optional>
#include <string>
#include <string_view>

#include "common/base/number.h"
#include "common/callback/callback_facts.h"
#include "common/callback/record_times.h"
#include "common/domain/marker.h"
#include "common/domain/omitted_body.h"
#include "common/domain/record_headers.h"
#include "ops/ctl/audit/audit_result.h"
#include "ops/ctl/audit/audit_survey.h"
#include "ops/ctl/records/callback_identity.h"

namespace ctl {
namespace {

using common::LastHeader;
using common::Result;
namespace header = common::header;

std::optional<std::int64_t> ReadNumber(std::optional<std::string_view> text) {
  return text ? common::ParseNumber<std::int64_t>(*text) : std::nullopt;
}

MarkedAs MarkedAsOf(const std::optional<common::MarkerOutcome>& outcome) {
  if (!outcome) return MarkedAs::kUnknown;
  return *outcome == common::MarkerOutcome::kDead ? MarkedAs::kDead : MarkedAs::kPublished;
}

}  // namespace

Result<void> AuditSurvey::ReadDeadLetters() {
  const auto read = dead_->Read(dead_->extents(), pace_, [&](const ScannedRecord& record) {
    const common::RecordHeaders headers = record.headers();
    const auto partition = ReadNumber(LastHeader(headers, header::kDeadPartition));
    const auto offset = ReadNumber(LastHeader(headers, header::kDeadOffset));
    const auto topic = LastHeader(headers, header::kDeadTopic);
    if (!partition || !offset || topic != settings_.topics.callbacks) return;
    const CallbackIdentity is = IdentifyCallback(record.value(), headers, settings_.providers);
    const auto of = common::IsBodyOmitted(headers) ? std::nullopt : std::optional(is.identity);
    dead_letters_[static_cast<std::int32_t>(*partition)].push_back({.callback = *offset,
                                                                    .of = of,
                                                                    .is_result = false,
                                                                    .delivery = is.delivery,
                                                                    .at = record.time()});
  });
  if (!read) return read.error();
  for (const auto& [partition, extent] : dead_->extents()) {
    letters_complete_since_ = std::max(letters_complete_since_, dead_->CompleteSince(partition));
  }
  return {};
}

Result<void> AuditSurvey::ReadCallbacks(const Partitions& partitions, Ledgers& ledgers) {
  return callbacks_->Read(Only(disposed_of_, partitions), pace_, [&](const ScannedRecord& record) {
    const common::RecordHeaders headers = record.headers();
    const auto stands_for = PredecessorOf(record, headers, settings_.topics.callbacks);
    const bool is_in_range = record.time() >= range_.from && record.time() < range_.to;
    if (!is_in_range && !stands_for) return;
    const common::ProviderTable& providers = settings_.providers;
    const common::CallbackFacts facts = common::ReadCallback(record.value(), headers, providers);
    const std::chrono::seconds window = providers[facts.row].dedup_window;
    const common::RecordTimes times =
        common::TimesOf(facts, record.time(), window, providers.DedupReach());
    ledgers.at(record.partition())
        .Add({.offset = record.offset(),
              .time = record.time(),
              .is = IdentifyCallback(facts, record.value(), headers),
              .window = window,
              .judged_before = record.time() - times.judged_at,
              .marked_before = record.time() - times.marked_at,
              .stands_for = stands_for});
  });
}

Result<void> AuditSurvey::ReadMarkers(const Partitions& partitions, Ledgers& ledgers) {
  return seen_->Read(Only(seen_->extents(), partitions), pace_, [&](const ScannedRecord& record) {
    const auto marker = common::ReadMarker(record.key(), record.headers(), record.time());
    if (!marker) return;
    ledgers.at(record.partition())
        .AddMarker(marker->identity, marker->record_time, MarkedAsOf(marker->outcome));
  });
}

Result<void> AuditSurvey::ReadOutcomes(const Partitions& partitions, Ledgers& ledgers) {
  for (const std::int32_t partition : partitions) {
    for (const AuditLedger::OutcomeRecord& outcome : dead_letters_[partition]) {
      ledgers.at(partition).AddOutcome(outcome);
    }
  }
  const std::string request_id(header::kRequestId);
  return processes_->Read(Only(processes_->extents(), partitions), pace_,
                          [&](const ScannedRecord& record) {
                            const auto name = ReadResultName(record.value());
                            if (!name || name->place.partition != record.partition()) {
                              ++sums_.nameless_results;
                              return;
                            }
                            ledgers.at(record.partition())
                                .AddOutcome({.callback = name->place.offset,
                                             .of = name->fact,
                                             .is_result = true,
                                             .delivery = DeliveryOf(record.Header(request_id)),
                                             .at = record.time()});
                          });
}

}  // namespace ctl
