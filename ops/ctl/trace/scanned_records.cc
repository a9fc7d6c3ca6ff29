#include "ops/ctl/trace/scanned_records.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "common/callback/record_times.h"
#include "common/domain/copied_record.h"
#include "common/json/expected_process.h"
#include "ops/ctl/records/header_values.h"
#include "ops/ctl/records/named_callback.h"
#include "ops/ctl/records/record_position.h"

namespace ctl {
namespace {

using std::chrono::milliseconds;
namespace header = common::header;

common::RecordPosition PlaceOf(const ScannedRecord& record) {
  return {record.partition(), record.offset()};
}

common::WallTime AnnouncedAt(const ScannedRecord& record) {
  return common::AnnouncedAt(record.Header(std::string(common::kCopiedFromHeader)),
                             record.Header(std::string(common::kAnnouncedAtHeader)), record.time());
}

std::optional<milliseconds> DurationOf(const common::RecordHeaders& headers,
                                       std::string_view name) {
  const auto number = NumberOf(headers, name);
  return number ? std::optional(milliseconds(*number)) : std::nullopt;
}

}  // namespace

TracedCallback ToTracedCallback(const ScannedRecord& record, common::CallbackFacts facts,
                                const common::RecordHeaders& headers,
                                const common::ProviderTable& providers) {
  const common::Windows windows = common::WindowsOf(facts, record.time(), providers);
  const common::RecordTimes times =
      common::TimesOf(facts, record.time(), windows.identity, providers.DedupReach());
  return {.place = PlaceOf(record),
          .at = record.time(),
          .key = std::string(record.key()),
          .facts = std::move(facts),
          .times = times,
          .windows = windows,
          .request_id = TextOf(headers, header::kRequestId),
          .ingest_instance = TextOf(headers, header::kIngestInstance),
          .authenticated_as = TextOf(headers, header::kAuthenticatedAs),
          .redrive = TextOf(headers, header::kRedrive)};
}

TracedAnnouncement ToTracedAnnouncement(const ScannedRecord& record) {
  TracedAnnouncement traced{.place = PlaceOf(record), .at = AnnouncedAt(record)};
  const auto read = common::json::ReadExpectedRecord(record.key(), record.value_or_null());
  if (!read) {
    traced.mistake = read.error().detail;
  } else if (const auto* expected = std::get_if<common::ExpectedProcess>(&*read)) {
    traced.provider = expected->provider;
    traced.dossier = expected->dossier.str();
    traced.process = expected->process.str();
    traced.within = expected->within;
  } else {
    traced.is_forgotten = true;
  }
  return traced;
}

TracedOutcome ToTracedResult(const ScannedRecord& record, const common::ProviderTable& providers) {
  const common::RecordHeaders headers = record.headers();
  const auto name = ReadResultName(record.value(), providers);
  return {.is_result = true,
          .is_reconciled = IsReconciled(headers),
          .place = PlaceOf(record),
          .at = record.time(),
          .callback = name ? name->place : std::nullopt,
          .provider = name ? std::optional(name->provider) : std::nullopt,
          .dossier = name ? name->dossier : std::nullopt,
          .process = name ? name->process : std::nullopt,
          .status = name ? name->status : std::nullopt,
          .request_id = TextOf(headers, header::kRequestId),
          .instance = TextOf(headers, header::kInstance),
          .attempts = NumberOf(headers, header::kAttempts),
          .fetch_time = DurationOf(headers, header::kFetchMs)};
}

TracedOutcome ToTracedLetter(const ScannedRecord& record) {
  const common::RecordHeaders headers = record.headers();
  return {.is_result = false,
          .place = PlaceOf(record),
          .at = record.time(),
          .callback =
              ParseRecordPosition(common::LastHeader(headers, header::kDeadPartition).value_or(""),
                                  common::LastHeader(headers, header::kDeadOffset).value_or("")),
          .request_id = TextOf(headers, header::kRequestId),
          .redrive = TextOf(headers, header::kRedrive),
          .instance = TextOf(headers, header::kInstance),
          .attempts = NumberOf(headers, header::kDeadAttempts),
          .fetch_time = DurationOf(headers, header::kDeadFetchMs),
          .reason = TextOf(headers, header::kDeadReason),
          .http_status = NumberOf(headers, header::kDeadHttpStatus),
          .trace_id = TextOf(headers, header::kDeadTraceId)};
}

}  // namespace ctl
