#include "ops/ctl/dead/dead_record.h"

#include <algorithm>
#include <array>

#include "common/base/text.h"
#include "common/callback/callback_facts.h"
#include "common/domain/dead_letter.h"
#include "common/domain/omitted_body.h"
#include "common/domain/provider_rules.h"
#include "common/json/object_writer.h"
#include "ops/ctl/records/header_values.h"
#include "ops/ctl/shell/output.h"

namespace ctl {
namespace {

using common::json::ObjectWriter;
namespace header = common::header;

std::optional<std::string> ToText(const std::optional<std::int64_t>& number) {
  return number ? std::optional<std::string>(std::to_string(*number)) : std::nullopt;
}

template <typename Position>
std::optional<std::string> Shown(const std::optional<Position>& position) {
  return position ? std::optional<std::string>(common::ToText(*position)) : std::nullopt;
}

/// "callbacks 3:17", "-" or, if it is unknown, "?".
std::string Describe(const std::optional<RedrivenSince>& since) {
  if (!since) return "?";
  return since->to ? since->to->topic + " " + ctl::ToText(since->to->at) : "-";
}

std::string RenderJson(const RedrivenSince::Place& place) {
  return ObjectWriter()
      .Text("topic", place.topic)
      .Number("partition", place.at.partition.number())
      .Number("offset", place.at.offset.number())
      .Text("time", common::FormatRfc3339(place.time))
      .Finish();
}

/// "key         54a1ad5f-…"
std::string Line(std::string_view name, std::string_view value) {
  constexpr std::size_t kColumn = 20;
  std::string line(name);
  line.resize(std::max(kColumn, line.size() + 2), ' ');
  return line + Printable(value) + "\n";
}

constexpr std::array<std::size_t, 9> kWidths = {12, 24, 10, 19, 4, 8, 8, 20, 0};
constexpr std::size_t kRedrivenColumn = 7;

std::string Row(const std::array<std::string, kWidths.size()>& cells, RedrivenShown redriven) {
  std::string row;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i == kRedrivenColumn && redriven == RedrivenShown::kNo) continue;
    row += cells[i];
    if (i + 1 < cells.size()) row.append(PaddingTo(kWidths[i], cells[i]) + 2, ' ');
  }
  return row + "\n";
}

}  // namespace

DeadSummary Summarise(const DeadRecord& record, const common::ProviderTable& providers) {
  DeadSummary summary;
  summary.place = record.place;
  summary.time = record.time;
  summary.key = record.key;
  summary.provider =
      TextOf(record.headers, header::kProvider).value_or(std::string(common::kUnknownProvider));
  summary.reason = TextOf(record.headers, header::kDeadReason);
  summary.attempts = NumberOf(record.headers, header::kDeadAttempts);
  summary.http_status = NumberOf(record.headers, header::kDeadHttpStatus);
  summary.trace_id = TextOf(record.headers, header::kDeadTraceId);
  summary.redrives = common::RedrivesOf(record.headers);
  summary.failed_at = TextOf(record.headers, header::kDeadFailedAt);
  summary.received_at = TextOf(record.headers, header::kReceivedAt);
  summary.request_id = TextOf(record.headers, header::kRequestId);
  summary.topic = TextOf(record.headers, header::kDeadTopic);
  summary.partition = PartitionIn(record.headers, header::kDeadPartition);
  summary.offset = OffsetIn(record.headers, header::kDeadOffset);
  const common::CallbackFacts facts = common::ReadCallback(record.value, record.headers, providers);
  if (!facts.dossier.empty()) summary.dossier = facts.dossier.str();
  if (!facts.process.empty()) summary.process = facts.process.str();
  if (facts.event_id) summary.event = facts.event_id->str();
  summary.status = facts.status;
  summary.bytes = record.value.size();
  return summary;
}

std::string RenderJson(const DeadSummary& summary) {
  const std::string source = ObjectWriter()
                                 .TextOrNull("topic", summary.topic)
                                 .RawOrNull("partition", Shown(summary.partition))
                                 .RawOrNull("offset", Shown(summary.offset))
                                 .Finish();
  ObjectWriter writer;
  writer.Number("partition", summary.place.partition.number())
      .Number("offset", summary.place.offset.number())
      .Text("key", summary.key)
      .Text("provider", summary.provider)
      .TextOrNull("reason", summary.reason)
      .Text("time", common::FormatRfc3339(summary.time))
      .RawOrNull("attempts", ToText(summary.attempts))
      .RawOrNull("httpStatus", ToText(summary.http_status))
      .TextOrNull("traceId", summary.trace_id)
      .Number("redrives", summary.redrives)
      .TextOrNull("failedAt", summary.failed_at)
      .TextOrNull("receivedAt", summary.received_at)
      .TextOrNull("requestId", summary.request_id)
      .TextOrNull("dossierId", summary.dossier)
      .TextOrNull("processId", summary.process)
      .TextOrNull("status", summary.status)
      .TextOrNull("eventId", summary.event)
      .Number("bytes", static_cast<std::int64_t>(summary.bytes))
      .Raw("source", source);
  if (const auto& since = summary.redriven_since) {
    writer.RawOrNull("redriven", since->to ? std::optional(RenderJson(*since->to)) : std::nullopt);
  }
  return writer.Finish();
}

std::string DeadHeading(RedrivenShown redriven) {
  return Row({"LETTER", "DIED", "PROVIDER", "REASON", "HTTP", "ATTEMPTS", "REDRIVES", "REDRIVEN TO",
              "KEY"},
             redriven);
}

std::string RenderRow(const DeadSummary& summary, RedrivenShown redriven) {
  return Row(
      {ToText(summary.place), common::FormatRfc3339(summary.time), Printable(summary.provider),
       Printable(summary.reason.value_or("-")), ToText(summary.http_status).value_or("-"),
       ToText(summary.attempts).value_or("-"), std::to_string(summary.redrives),
       Describe(summary.redriven_since), Printable(summary.key)},
      redriven);
}

std::string RenderJson(const DeadRecord& record, BodyShown body) {
  std::vector<std::string> headers;
  for (const common::RecordHeader& one : record.headers) {
    headers.push_back(ObjectWriter().Text("name", one.name).Text("value", one.value).Finish());
  }
  ObjectWriter writer;
  writer.Number("partition", record.place.partition.number())
      .Number("offset", record.place.offset.number())
      .Text("time", common::FormatRfc3339(record.time))
      .Text("key", record.key)
      .Raw("headers", RenderArray(headers));
  if (body == BodyShown::kNo) {
    return writer.Number("bytes", static_cast<std::int64_t>(record.value.size())).Finish();
  }
  // A JSON text cannot hold bytes that are not UTF-8.
  if (IsUtf8(record.value)) return writer.Text("value", record.value).Finish();
  return writer.Text("valueHex", common::ToHex(record.value)).Finish();
}

std::string RenderText(const DeadRecord& record, std::string_view topic) {
  std::string text = Line("letter", std::string(topic) + " " + ToText(record.place)) +
                     Line("died", common::FormatRfc3339(record.time)) + Line("key", record.key);
  for (const common::RecordHeader& one : record.headers) {
    text += Line("  " + Printable(one.name), one.value);
  }
  text += Line("value", common::IsBodyOmitted(record.headers)
                            ? "omitted: it was too large for the topic"
                            : std::to_string(record.value.size()) + " bytes");
  std::string_view rest = record.value;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    text += Printable(rest.substr(0, end)) + "\n";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return text;
}

}  // namespace ctl
