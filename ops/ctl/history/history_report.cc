#include "ops/ctl/history/history_report.h"

#include <cstdint>

#include "common/json/object_writer.h"
#include "ops/ctl/shell/output.h"

namespace ctl {
namespace {

using common::json::ObjectWriter;

std::string Padded(std::string text, std::size_t width) {
  text += std::string(PaddingTo(width, text), ' ');
  return text + "  ";
}

std::int64_t NumberOf(const std::optional<common::Offset>& offset) {
  return offset ? offset->number() : -1;
}

std::string PlaceOf(const HistoryFinding& finding) {
  return finding.topic + ":" + ToText(finding.partition) + ":" +
         std::to_string(NumberOf(finding.offset));
}

std::int64_t Number(std::size_t number) { return static_cast<std::int64_t>(number); }

}  // namespace

std::string RenderText(const HistoryFinding& finding) {
  const std::string name = finding.transaction
                               ? "transaction " + std::to_string(finding.transaction->number) +
                                     " of " + finding.transaction->instance
                               : "";
  return Padded(std::string(ToText(finding.anomaly)), 21) + Padded(PlaceOf(finding), 22) +
         Printable((name.empty() ? "" : name + ": ") + finding.what) + "\n";
}

std::string RenderJson(const HistoryFinding& finding) {
  ObjectWriter writer;
  writer.Text("anomaly", ToText(finding.anomaly))
      .Text("topic", finding.topic)
      .Number("partition", finding.partition.number())
      .Number("offset", NumberOf(finding.offset));
  if (finding.transaction) {
    writer.Text("instance", finding.transaction->instance)
        .Text("transaction", std::to_string(finding.transaction->number));
  }
  return writer.Text("what", finding.what).Finish();
}

std::string RenderText(const HistorySums& sums, const HistoryTally& tally) {
  const TransactionLedger::Sums& all = sums.transactions;
  std::string text = std::to_string(all.transactions) +
                     (all.transactions == 1 ? " transaction" : " transactions") +
                     ", counted for each partition: " + std::to_string(all.visible) + " visible, " +
                     std::to_string(all.aborted) + " aborted";
  const auto add = [&](std::size_t number, std::string_view what) {
    if (number > 0) text += ", " + std::to_string(number) + " " + std::string(what);
  };
  add(all.faulty, "faulty");
  add(all.open, "open");
  add(all.unjudged, "too young or too old to be judged");
  text += "\n";
  if (sums.undone > 0) {
    text +=
        "note: " + std::to_string(sums.undone) +
        (sums.undone == 1 ? " transaction is" : " transactions are") +
        " visible on some partitions and aborted as a whole on others: Kafka has forgotten their "
        "end, and consumer handles those callbacks again\n";
  }
  if (sums.nameless > 0) {
    text += "note: " + std::to_string(sums.nameless) +
            (sums.nameless == 1 ? " record names" : " records name") +
            " no transaction: written by an earlier release, or not by consumer\n";
  }
  if (!sums.are_offsets_stable) {
    text +=
        "note: an open transaction holds back the group's offsets, so they prove nothing about "
        "the last transactions\n";
  }
  if (tally.IsClean()) {
    text += "no anomaly\n";
    return text;
  }
  std::string counted;
  for (const auto& [anomaly, count] : tally.counts) {
    counted +=
        (counted.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(ToText(anomaly));
  }
  return text + "ANOMALIES: " + counted + "\n";
}

std::string RenderJson(const HistorySums& sums, const HistoryTally& tally) {
  const TransactionLedger::Sums& all = sums.transactions;
  ObjectWriter anomalies;
  for (const auto& [anomaly, count] : tally.counts)
    anomalies.Number(ToText(anomaly), Number(count));
  return ObjectWriter()
      .Number("transactions", Number(all.transactions))
      .Number("visible", Number(all.visible))
      .Number("aborted", Number(all.aborted))
      .Number("faulty", Number(all.faulty))
      .Number("open", Number(all.open))
      .Number("unjudged", Number(all.unjudged))
      .Number("undone", Number(sums.undone))
      .Number("nameless", sums.nameless)
      .Bool("stableOffsets", sums.are_offsets_stable)
      .Raw("anomalies", anomalies.Finish())
      .Finish();
}

}  // namespace ctl
