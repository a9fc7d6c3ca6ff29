#include "consumer/state/result_record.h"

#include "common/json/object_writer.h"

namespace consumer {
namespace {

constexpr std::string_view kNull = "null";

common::RecordHeaders ResultHeaders(const common::RecordHeaders& source,
                                    common::FetchEffort effort) {
  namespace header = common::header;
  common::RecordHeaders headers;
  for (const std::string_view name :
       {header::kProvider, header::kReceivedAt, header::kRequestId, header::kTraceparent}) {
    if (const auto value = common::LastHeader(source, name)) {
      headers.push_back({std::string(name), std::string(*value)});
    }
  }
  headers.push_back({std::string(header::kSchema), std::string(common::kSchemaVersion)});
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

}  // namespace

ResultRecord MakeResult(const common::CallbackFacts& facts, const common::RecordHeaders& headers,
                        const common::RecordPosition& position, const FetchedParts& parts) {
  using common::json::ObjectWriter;
  const std::string callback =
      ObjectWriter()
          .TextOrNull("receivedAt", TextOf(headers, common::header::kReceivedAt))
          .Number("partition", position.partition)
          .Number("offset", position.offset)
          .Finish();
  return {.key = facts.process.str(),
          .value = ObjectWriter()
                       .Text("provider", facts.provider)
                       .Text("dossierId", facts.dossier.str())
                       .Text("processId", facts.process.str())
                       .TextOrNull("status", facts.status)
                       .Raw("callback", callback)
                       .Raw("process", parts.process.value_or(kNull))
                       .Raw("dossier", parts.dossier.value_or(kNull))
                       .Text("fetchedAt", common::FormatRfc3339(parts.fetched_at))
                       .Finish(),
          .headers = ResultHeaders(headers, parts.effort)};
}

}  // namespace consumer
