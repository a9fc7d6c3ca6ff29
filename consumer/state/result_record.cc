#include "consumer/state/result_record.h"

#include "common/domain/reconciled.h"
#include "common/json/object_writer.h"

namespace consumer {
namespace {

constexpr std::string_view kNull = "null";

common::RecordHeaders ResultHeaders(const common::RecordHeaders& source, std::string_view schema,
                                    common::FetchEffort effort) {
  namespace header = common::header;
  common::RecordHeaders headers;
  for (const std::string_view name : {header::kProvider, header::kReceivedAt, header::kRequestId,
                                      header::kTraceparent, header::kTracestate}) {
    if (const auto value = common::LastHeader(source, name)) {
      headers.push_back({std::string(name), std::string(*value)});
    }
  }
  headers.push_back({std::string(header::kSchema), std::string(schema)});
  headers.push_back({std::string(header::kAttempts), std::to_string(effort.attempts)});
  if (effort.attempts > 0) {
    headers.push_back({std::string(header::kFetchMs), std::to_string(effort.elapsed.count())});
  }
  return headers;
}

std::optional<std::string> TextOf(const common::RecordHeaders& headers, std::string_view name) {
  const auto value = common::LastHeader(headers, name);
  return value ? std::optional<std::string>(*value) : std::nullopt;
}

std::string CallbackOf(const common::RecordHeaders& headers,
                       const common::RecordPosition& position) {
  return common::json::ObjectWriter()
      .TextOrNull("receivedAt", TextOf(headers, common::header::kReceivedAt))
      .Number("partition", position.partition.number())
      .Number("offset", position.offset.number())
      .Finish();
}

template <typename Id>
std::optional<std::string> TextOf(const Id& id) {
  return id.empty() ? std::nullopt : std::optional(id.str());
}

}  // namespace

ResultRecord MakeEventResult(const common::CallbackFacts& facts, const std::string& key,
                             const common::RecordHeaders& headers,
                             const common::RecordPosition& position, std::string_view event) {
  return {.key = key,
          .value = common::json::ObjectWriter()
                       .Text("provider", facts.provider)
                       .TextOrNull("dossierId", TextOf(facts.dossier))
                       .TextOrNull("processId", TextOf(facts.process))
                       .TextOrNull("status", facts.status)
                       .TextOrNull("eventId", TextOf(facts.event_id.value_or(common::EventId())))
                       .Raw("callback", CallbackOf(headers, position))
                       .Raw("event", event)
                       .Raw("process", kNull)
                       .Raw("dossier", kNull)
                       .Raw("fetchedAt", kNull)
                       .Finish(),
          .headers = ResultHeaders(headers, common::kEventResultSchemaVersion, {})};
}

ResultRecord MakeResult(const common::CallbackFacts& facts, const common::RecordHeaders& headers,
                        const common::RecordPosition& position, const FetchedParts& parts) {
  using common::json::ObjectWriter;
  return {.key = facts.process.str(),
          .value = ObjectWriter()
                       .Text("provider", facts.provider)
                       .Text("dossierId", facts.dossier.str())
                       .Text("processId", facts.process.str())
                       .TextOrNull("status", facts.status)
                       .Raw("callback", CallbackOf(headers, position))
                       .Raw("process", parts.process.value_or(kNull))
                       .Raw("dossier", parts.dossier.value_or(kNull))
                       .Text("fetchedAt", common::FormatRfc3339(parts.fetched_at))
                       .Finish(),
          .headers = ResultHeaders(headers, common::kSchemaVersion, parts.effort)};
}

ResultRecord MakeReconciledResult(const ReconciledFacts& facts, const FetchedParts& parts) {
  const common::RecordHeaders source = {
      {std::string(common::header::kProvider), std::string(facts.provider)}};
  ResultRecord result{.key = std::string(facts.process),
                      .value = common::json::ObjectWriter()
                                   .Text("provider", facts.provider)
                                   .Text("dossierId", facts.dossier)
                                   .Text("processId", facts.process)
                                   .Text("status", facts.status)
                                   .Raw("callback", kNull)
                                   .Raw("process", parts.process.value_or(kNull))
                                   .Raw("dossier", parts.dossier.value_or(kNull))
                                   .Text("fetchedAt", common::FormatRfc3339(parts.fetched_at))
                                   .Finish(),
                      .headers = ResultHeaders(source, common::kSchemaVersion, parts.effort)};
  result.headers.push_back(
      {std::string(common::kReconciledHeader), std::string(common::kReconciledValue)});
  return result;
}

}  // namespace consumer
