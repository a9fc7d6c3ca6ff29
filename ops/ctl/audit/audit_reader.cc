#include "ops/ctl/audit/audit_reader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "common/callback/callback_facts.h"
#include "common/callback/record_times.h"
#include "common/domain/copied_record.h"
#include "common/domain/dead_letter.h"
#include "common/domain/marker.h"
#include "common/domain/omitted_body.h"
#include "common/domain/reconciled.h"
#include "common/domain/record_headers.h"
#include "ops/ctl/records/callback_identity.h"
#include "ops/ctl/records/named_callback.h"
#include "ops/ctl/records/record_position.h"

namespace ctl {
namespace {

using common::LastHeader;
using common::Result;
namespace header = common::header;

/// Anybody can mistype a route.
constexpr std::size_t kUnknownRoutes = 64;

MarkedAs MarkedAsOf(const std::optional<common::MarkerOutcome>& outcome) {
  if (!outcome) return MarkedAs::kUnknown;
  switch (*outcome) {
    case common::MarkerOutcome::kPublished:
      return MarkedAs::kPublished;
    case common::MarkerOutcome::kDead:
      return MarkedAs::kDead;
    case common::MarkerOutcome::kIgnored:
      return MarkedAs::kIgnored;
  }
  return MarkedAs::kUnknown;
}

std::vector<common::Partition> PartitionsOf(const AuditLedgers& ledgers) {
  std::vector<common::Partition> partitions;
  for (const auto& [partition, ledger] : ledgers) partitions.push_back(partition);
  return partitions;
}

}  // namespace

Result<AuditDeadLetters> AuditReader::ReadDeadLetters() {
  AuditDeadLetters letters;
  const AuditSource& dead = *topics_.dead;
  const auto read = topics_.dead->Read(dead.extents(), pace_, [&](const ScannedRecord& record) {
    const common::RecordHeaders headers = record.headers();
    const auto place = ParseRecordPosition(LastHeader(headers, header::kDeadPartition).value_or(""),
                                           LastHeader(headers, header::kDeadOffset).value_or(""));
    const auto topic = LastHeader(headers, header::kDeadTopic);
    if (!place || topic != settings_.topics.callbacks) return;
    const CallbackIdentity is = IdentifyCallback(record.value(), headers, settings_.providers);
    const bool is_malformed =
        LastHeader(headers, header::kDeadReason) == common::ToText(common::DeadReason::kMalformed);
    auto of =
        std::optional(is_malformed ? IdentityOfMalformed(record.value(), headers) : is.identity);
    if (common::IsBodyOmitted(headers)) of.reset();
    if (is_malformed && is.delivery != 0) letters.malformed.emplace(*place, is.delivery);
    letters.by_partition[place->partition].push_back({.callback = place->offset,
                                                      .of = of,
                                                      .is_result = false,
                                                      .delivery = is.delivery,
                                                      .at = record.time()});
  });
  if (!read) return read.error();
  for (const auto& [partition, extent] : dead.extents()) {
    letters.complete_since = std::max(letters.complete_since, dead.CompleteSince(partition));
  }
  return letters;
}

Result<void> AuditReader::ReadCallbacks(const Extents& extents, const AuditDeadLetters& letters,
                                        AuditLedgers& ledgers) {
  return topics_.callbacks->Read(
      Only(extents, PartitionsOf(ledgers)), pace_, [&](const ScannedRecord& record) {
        const common::RecordHeaders headers = record.headers();
        const auto stands_for = PredecessorOf(record, headers, settings_.topics.callbacks);
        const bool is_in_range = record.time() >= range_.from && record.time() < range_.to;
        if (!is_in_range && !stands_for) return;
        const common::ProviderTable& providers = settings_.providers;
        const common::CallbackFacts facts =
            common::ReadCallback(record.value(), headers, providers);
        const common::Windows windows = common::WindowsOf(facts, record.time(), providers);
        const common::RecordTimes times =
            common::TimesOf(facts, record.time(), windows.identity, providers.DedupReach());
        CallbackIdentity is = IdentifyCallback(facts, headers);
        const auto letter = letters.malformed.find({record.partition(), record.offset()});
        const bool was_malformed =
            letter != letters.malformed.end() && letter->second == is.delivery;
        if (was_malformed) is.identity = IdentityOfMalformed(record.value(), headers);
        if (facts.row == common::ProviderTable::kUnknown && facts.is_readable &&
            unknown_routes_.size() < kUnknownRoutes) {
          unknown_routes_.insert(facts.provider);
        }
        ledgers.at(record.partition())
            .Add({.offset = record.offset(),
                  .time = record.time(),
                  .is = is,
                  .window = windows.identity,
                  .judged_before = record.time() - times.judged_at,
                  .marked_before = record.time() - times.marked_at,
                  .stands_for = stands_for,
                  .event = was_malformed ? std::nullopt : facts.event_identity,
                  .event_window = windows.event});
      });
}

Result<void> AuditReader::ReadMarkers(AuditLedgers& ledgers) {
  const Extents extents = Only(topics_.seen->extents(), PartitionsOf(ledgers));
  return topics_.seen->Read(extents, pace_, [&](const ScannedRecord& record) {
    const auto marker = common::ReadMarker(record.key(), record.headers(), record.time());
    if (!marker) return;
    const bool is_copy = record.Header(std::string(common::kCopiedFromHeader)).has_value();
    ledgers.at(record.partition())
        .AddMarker(marker->identity, marker->record_time,
                   is_copy ? MarkedAs::kElsewhere : MarkedAsOf(marker->outcome));
  });
}

Result<AuditResults> AuditReader::ReadResults(AuditLedgers& ledgers) {
  AuditResults results;
  const std::string request_id(header::kRequestId);
  const Extents extents = Only(topics_.processes->extents(), PartitionsOf(ledgers));
  const auto read = topics_.processes->Read(extents, pace_, [&](const ScannedRecord& record) {
    const auto name = ReadResultName(record.value(), settings_.providers);
    AuditLedger& ledger = ledgers.at(record.partition());
    if (name && !name->place) {
      const bool is_in_range = record.time() >= range_.from && record.time() < range_.to;
      if (is_in_range) ++results.reconciled;
      AddReconciled(*name, record.time(), ledger);
      return;
    }
    if (!name || name->place->partition != record.partition()) {
      ++results.nameless;
      return;
    }
    ledger.AddOutcome({.callback = name->place->offset,
                       .of = name->fact,
                       .is_result = true,
                       .delivery = DeliveryOf(record.Header(request_id)),
                       .at = record.time()});
  });
  if (!read) return read.error();
  return results;
}

void AuditReader::AddReconciled(const ResultName& name, common::WallTime at,
                                AuditLedger& ledger) const {
  const common::DossierId dossier(name.dossier.value_or(""));
  const common::ProcessId process(name.process.value_or(""));
  const std::string_view announced = common::NameOfFacts(settings_.providers, name.provider);
  std::set<std::string_view> routes{announced};
  for (const auto& row : settings_.providers.rows()) routes.insert(common::NameOfFacts(row));
  routes.insert(unknown_routes_.begin(), unknown_routes_.end());
  // A callback without a status is a duplicate, too.
  std::set<std::string> statuses{name.status.value_or(""), ""};
  for (const std::string& status : statuses) {
    const auto nobodys = common::IdentityOfReconciled(dossier, process, status);
    for (const std::string_view route : routes) {
      const auto of = common::IdentityOf(route, dossier, process, status);
      ledger.AddReconciled({.of = of, .marked = route == announced ? of : nobodys, .at = at});
    }
  }
}

}  // namespace ctl
