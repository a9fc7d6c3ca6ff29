#include "ops/ctl/trace/trace_report.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/duration.h"
#include "common/json/object_writer.h"
#include "ops/ctl/records/record_position.h"
#include "ops/ctl/shell/output.h"

namespace ctl {
namespace {

using common::json::ObjectWriter;
using What = TraceEvent::What;

const std::string& NameOf(TraceEvent::Topic topic, const common::TopicNames& topics) {
  switch (topic) {
    case TraceEvent::Topic::kCallbacks:
      return topics.callbacks;
    case TraceEvent::Topic::kSeen:
      return topics.seen;
    case TraceEvent::Topic::kProcesses:
      return topics.processes;
    case TraceEvent::Topic::kExpected:
      return topics.expected;
    case TraceEvent::Topic::kDead:
      break;
  }
  return topics.dead;
}

std::string RenderJson(const TraceEvent& event, const common::TopicNames& topics) {
  ObjectWriter writer;
  const auto text = [&](std::string_view name, const std::optional<std::string>& value) {
    if (value) writer.Text(name, *value);
  };
  const auto number = [&](std::string_view name, const std::optional<std::int64_t>& value) {
    if (value) writer.Number(name, *value);
  };
  writer.Text("at", common::FormatRfc3339(event.at))
      .Text("what", ToText(event.what))
      .Text("topic", NameOf(event.topic, topics))
      .Number("partition", event.place.partition.number())
      .Number("offset", event.place.offset.number());
  text("provider", event.provider);
  text("authenticatedAs", event.authenticated_as);
  text("status", event.status);
  if (event.received_at) writer.Text("receivedAt", common::FormatRfc3339(*event.received_at));
  if (event.is_spooled) writer.Bool("spooled", true);
  text("requestId", event.request_id);
  text("instance", event.instance);
  number("attempts", event.attempts);
  if (event.fetch_time) writer.Number("fetchMs", event.fetch_time->count());
  text("reason", event.reason);
  number("httpStatus", event.http_status);
  text("traceId", event.trace_id);
  text("redrive", event.redrive);
  if (event.within) writer.Text("within", common::FormatDuration(*event.within));
  if (event.is_forgotten) writer.Bool("forgotten", true);
  return writer.Finish();
}

/// A provider may redeliver a callback a million times.
constexpr std::size_t kShownDuplicates = 10;

std::string Plural(std::int64_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

/// A callback may have a status of any length.
std::string Shorten(const std::string& text) {
  constexpr std::size_t kMost = 80;
  return text.size() <= kMost ? Printable(text) : Printable(text.substr(0, kMost)) + "…";
}

/// "43ms", "0.4s"; from ten seconds on as RenderAge().
std::string RenderDuration(std::chrono::milliseconds duration) {
  if (duration < std::chrono::milliseconds(100)) return std::to_string(duration.count()) + "ms";
  constexpr std::chrono::seconds kShort{10};
  if (duration >= kShort) return RenderAge(duration);
  const auto tenths = (duration.count() + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "s";
}

/// The details of an event, for people, besides its time and place.
std::string DetailOf(const TraceEvent& event) {
  std::string detail;
  const auto add = [&](const std::string& part) {
    if (!part.empty()) detail += (detail.empty() ? "" : ", ") + part;
  };
  if (event.provider) add(Shorten(*event.provider));
  if (event.authenticated_as) add("authenticated as " + Shorten(*event.authenticated_as));
  if (event.status) add(Shorten(*event.status));
  if (event.reason) {
    // consumer skips such an announcement.
    add((event.what == What::kAnnounced ? "skipped: " : "") + Printable(*event.reason));
  }
  if (event.within) add("due within " + common::FormatDuration(*event.within));
  if (event.is_forgotten) add("no longer expected");
  if (event.what == What::kReconciled) add("without its callback");
  if (event.http_status) add("HTTP " + std::to_string(*event.http_status));
  if (event.attempts) {
    add(Plural(*event.attempts, "request") +
        (event.fetch_time ? " in " + RenderDuration(*event.fetch_time) : ""));
  }
  if (event.trace_id) add("Signicat's trace id " + Printable(*event.trace_id));
  if (event.redrive) add("replaces " + Printable(*event.redrive));
  if (event.topic == TraceEvent::Topic::kSeen) add("known by its marker alone");
  if (event.received_at && event.at - *event.received_at >= std::chrono::seconds(1)) {
    add("received at " + common::FormatRfc3339(*event.received_at));
  }
  // A record that was on its way to Kafka when it was spooled has two copies.
  if (event.is_spooled && event.what != What::kSpooled) add("from the spool");
  if (event.instance) add("by " + Printable(*event.instance));
  if (event.request_id && event.topic == TraceEvent::Topic::kCallbacks) {
    add("request " + Printable(*event.request_id));
  }
  return detail;
}

std::optional<std::string> UntilOf(const WaitingFor& waiting) {
  return waiting.until ? std::optional(common::FormatRfc3339(*waiting.until)) : std::nullopt;
}

/// True if the last result is reconciled.
bool IsReconciled(const Timeline& timeline) {
  const auto last =
      std::find_if(timeline.events.rbegin(), timeline.events.rend(), [](const TraceEvent& event) {
        return event.what == What::kPublished || event.what == What::kReconciled;
      });
  return last != timeline.events.rend() && last->what == What::kReconciled;
}

bool IsOnlyAnnounced(const Timeline& timeline) {
  return !timeline.events.empty() && std::ranges::all_of(timeline.events, [](const auto& event) {
    return event.what == What::kAnnounced;
  });
}

/// "published after 0.4s"; of what waits or is unknown, also why.
std::string Summary(const TraceReport& report) {
  const Timeline& timeline = report.timeline;
  std::string line(ToText(timeline.verdict));
  if (report.waiting) {
    line += ": " + std::string(ToText(report.waiting->why)) + " since " +
            common::FormatRfc3339(report.waiting->since) + ": " + Printable(report.waiting->detail);
  } else if (timeline.verdict == TraceVerdict::kUnknown && timeline.expected) {
    line += ": it was announced at " + common::FormatRfc3339(timeline.expected->announced_at) +
            ", and neither a callback nor a result has come; consumer no longer waits for it";
  } else if (timeline.verdict == TraceVerdict::kUnknown && IsOnlyAnnounced(timeline)) {
    line +=
        ": it was announced and is no longer expected, or was skipped; it has no callback and "
        "no result";
  } else if (timeline.verdict == TraceVerdict::kUnknown) {
    line += timeline.events.empty()
                ? report.may_be_elsewhere
                      ? ": no record of it is where the topics have it now; partitions were added, "
                        "and --dossier finds callbacks on all of them"
                      : ": no record of it is on the topics"
                : ": the group has passed its callback, which has no result, dead letter or marker "
                  "there: it has expired or was passed over; see `sluicectl audit`";
    if (report.from) line += " (looked from " + common::FormatRfc3339(*report.from) + " on)";
  } else if (timeline.verdict == TraceVerdict::kPublished && IsReconciled(timeline)) {
    line += " without its callback, which had not come";
  } else if (timeline.took) {
    line += " after " + RenderDuration(*timeline.took);
  }
  return line;
}

}  // namespace

std::string RenderJson(const TraceReport& report, const common::TopicNames& topics) {
  const Timeline& timeline = report.timeline;
  std::vector<std::string> events;
  events.reserve(timeline.events.size());
  for (const TraceEvent& event : timeline.events) events.push_back(RenderJson(event, topics));
  std::optional<std::string> waiting;
  if (report.waiting) {
    waiting = ObjectWriter()
                  .Text("why", ToText(report.waiting->why))
                  .Text("since", common::FormatRfc3339(report.waiting->since))
                  .TextOrNull("until", UntilOf(*report.waiting))
                  .Text("detail", report.waiting->detail)
                  .Finish();
  }
  return ObjectWriter()
      .Text("key", report.id)
      .TextOrNull("process", timeline.process)
      .TextOrNull("dossier", timeline.dossier)
      .Text("summary", Summary(report))
      .Text("verdict", ToText(timeline.verdict))
      .Raw("events", RenderArray(events))
      .RawOrNull("waiting", waiting)
      .Finish();
}

std::string RenderText(const TraceReport& report, const common::TopicNames& topics) {
  const Timeline& timeline = report.timeline;
  std::string text = Summary(report) + "\n";
  text += "process " + Printable(timeline.process.value_or(report.id));
  if (timeline.dossier) text += ", dossier " + Printable(*timeline.dossier);
  text += "\n";
  if (timeline.events.empty()) return text;
  std::vector<std::vector<std::string>> rows;
  rows.reserve(timeline.events.size());
  std::size_t duplicates = 0;  ///< In a row.
  for (const TraceEvent& event : timeline.events) {
    duplicates = event.what == What::kDuplicate ? duplicates + 1 : 0;
    if (duplicates > kShownDuplicates) {
      if (duplicates == kShownDuplicates + 1) rows.push_back({"", "", "", ""});
      rows.back() = {common::FormatRfc3339(event.at), "duplicates", "…",
                     std::to_string(duplicates - kShownDuplicates) + " more, this is the last"};
      continue;
    }
    rows.push_back({common::FormatRfc3339(event.at), std::string(ToText(event.what)),
                    NameOf(event.topic, topics) + " " + ToText(event.place), DetailOf(event)});
  }
  return text + "\n" + RenderTable({"AT", "WHAT", "WHERE", "DETAIL"}, rows);
}

}  // namespace ctl
