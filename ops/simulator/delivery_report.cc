#include "ops/simulator/delivery_report.h"

#include "common/json/object_writer.h"
#include "ops/simulator/decimal_text.h"

namespace simulator {
namespace {

using common::json::ObjectWriter;

void WriteTally(ObjectWriter& json, const DeliveryTally& tally) {
  const auto number = [&](std::string_view name, std::uint64_t value) {
    json.Number(name, static_cast<std::int64_t>(value));
  };
  number("callbacks", tally.callbacks);
  number("attempts", tally.attempts);
  number("acknowledged", tally.acknowledged);
  number("lost", tally.lost);
  number("penalties", tally.penalties);
  number("duplicates", tally.duplicates);
  if (tally.unsent > 0) number("unsent", tally.unsent);
}

std::string Percentiles(const LatencyHistogram& latencies) {
  return ObjectWriter()
      .Raw("p50", DecimalText(latencies.Percentile(0.5).count()))
      .Raw("p99", DecimalText(latencies.Percentile(0.99).count()))
      .Raw("max", DecimalText(latencies.max().count()))
      .Finish();
}

}  // namespace

void DeliveryReport::Count(const Answer& answer) {
  ++statuses_[answer.provider][answer.status];
  if (answer.status == 0) return;
  since_due_.Add(answer.since_due);
  since_sent_.Add(answer.since_sent);
}

std::string DeliveryReport::ToJson(const Statuses& statuses) {
  ObjectWriter json;
  for (const auto& [status, count] : statuses) {
    json.Number(status == 0 ? "none" : std::to_string(status), static_cast<std::int64_t>(count));
  }
  return json.Finish();
}

std::string DeliveryReport::EventsToJson(std::uint64_t late) const {
  ObjectWriter answers;
  bool is_empty = true;
  for (std::size_t kind = 0; kind < kEventKinds; ++kind) {
    const Statuses& statuses = event_statuses_.at(kind);
    if (statuses.empty()) continue;
    is_empty = false;
    answers.Raw(NameOf(static_cast<EventKind>(kind)), ToJson(statuses));
  }
  if (is_empty) return {};
  return ObjectWriter()
      .Number("late", static_cast<std::int64_t>(late))
      .Raw("answers", answers.Finish())
      .Finish();
}

std::string DeliveryReport::ToJson(const DeliveryPlan& plan, std::uint64_t seed,
                                   std::chrono::duration<double> duration) const {
  DeliveryTally sum;
  Statuses statuses;
  ObjectWriter providers;
  for (std::size_t provider = 0; provider < kProviders.size(); ++provider) {
    const DeliveryTally& tally = plan.tallies()[provider];
    if (tally.callbacks == 0 && tally.unsent == 0) continue;
    sum += tally;
    for (const auto& [status, count] : statuses_[provider]) statuses[status] += count;
    ObjectWriter json;
    WriteTally(json, tally);
    json.Raw("statuses", ToJson(statuses_[provider]));
    providers.Raw(kProviders[provider].route, json.Finish());
  }
  ObjectWriter json;
  // As text: a reader that parses numbers as doubles would change the seed.
  json.Text("seed", std::to_string(seed));
  WriteTally(json, sum);
  json.Number("unfinished", static_cast<std::int64_t>(sum.callbacks + sum.unsent - plan.settled()))
      .Raw("statuses", ToJson(statuses))
      .Raw("providers", providers.Finish());
  if (const std::string events = EventsToJson(sum.late); !events.empty())
    json.Raw("events", events);
  return json.Raw("latency_ms", Percentiles(since_due_))
      .Raw("answer_ms", Percentiles(since_sent_))
      .Raw("duration_s", DecimalText(duration.count()))
      .Finish();
}

std::string IdsLine(const SyntheticCallback& callback, const DeliveryPlan::Fate& fate) {
  std::string line(kProviders[callback.provider].route);
  line.append(" ").append(callback.dossier_id).append(" ").append(callback.process_id);
  line.append(" ")
      .append(callback.status)
      .append(fate.unsent         ? " unsent "
              : fate.acknowledged ? " yes "
                                  : " no ");
  return line.append(std::to_string(fate.attempts)).append("\n");
}

}  // namespace simulator
