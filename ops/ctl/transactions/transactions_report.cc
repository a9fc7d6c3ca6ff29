#include "ops/ctl/transactions/transactions_report.h"

#include <algorithm>

#include "common/json/object_writer.h"
#include "ops/ctl/shell/output.h"

namespace ctl {
namespace {

using common::TransactionOutcome;
using common::json::ObjectWriter;

std::int64_t AgeInSeconds(const UnendedTransaction& open, common::WallTime now) {
  return std::chrono::duration_cast<std::chrono::seconds>(now - open.since).count();
}

bool IsOk(const TransactionsSurvey& survey, common::WallTime now) {
  return survey.unknown.empty() && !HasForgotten(survey, now);
}

std::string RenderOne(const UnendedTransaction& open, common::WallTime now) {
  ObjectWriter writer;
  writer.Text("topic", open.place.topic)
      .Number("partition", open.place.partition.number())
      .Number("offset", open.offset.number())
      .Number("records", open.records);
  if (open.name) {
    writer.Text("instance", open.name->instance)
        .Text("transaction", std::to_string(open.name->number));
  } else {
    writer.Raw("instance", "null").Raw("transaction", "null");
  }
  return writer.Text("since", common::FormatRfc3339(open.since))
      .Number("age_s", AgeInSeconds(open, now))
      .Text("verdict", common::ToText(open.verdict))
      .Bool("first", open.is_first)
      .Number("visible_twins", open.twins.visible)
      .Number("vanished_twins", open.twins.vanished)
      .Finish();
}

}  // namespace

bool IsForgotten(const UnendedTransaction& open, common::WallTime now) {
  return open.is_first && !open.is_of_announcements && now - open.since > kLivingFor;
}

bool IsForgotten(const PendingOffset& pending) { return pending.age >= kLivingFor; }

bool HasForgotten(const TransactionsSurvey& survey, common::WallTime now) {
  return std::ranges::any_of(survey.open,
                             [&](const auto& open) { return IsForgotten(open, now); }) ||
         std::ranges::any_of(survey.pending_offsets,
                             [](const auto& entry) { return IsForgotten(entry.second); });
}

std::optional<std::string> ReasonNotToEnd(const UnendedTransaction& open,
                                          const std::vector<UnendedTransaction>& all,
                                          common::WallTime now) {
  if (!open.name)
    return "its records do not name their instance: an older release, or another program";
  if (now - open.since <= kLivingFor) return "it may belong to a living instance";
  if (open.verdict == TransactionOutcome::kUnknown)
    return "there is no evidence whether it was committed";
  if (open.verdict == TransactionOutcome::kContradiction) {
    return "some of it was committed and some aborted";
  }
  const bool is_alone = std::all_of(all.begin(), all.end(), [&](const UnendedTransaction& other) {
    return other.name == open.name || !other.name || other.name->instance != open.name->instance ||
           (other.verdict == TransactionOutcome::kAborted &&
            open.verdict == TransactionOutcome::kAborted);
  });
  if (!is_alone)
    return "another transaction of the same instance is behind it, and both would end together";
  return std::nullopt;
}

std::string RenderText(const TransactionsSurvey& survey, common::WallTime now) {
  const std::string unknown =
      survey.unknown.empty() ? "" : "unknown: " + Printable(survey.unknown) + "\n";
  if (survey.open.empty() && survey.pending_offsets.empty()) return unknown + "nothing is open\n";
  std::string text = unknown;
  std::vector<std::vector<std::string>> rows;
  for (const UnendedTransaction& open : survey.open) {
    rows.push_back({ToText(open.place), ToText(open.offset), std::to_string(open.records),
                    open.name ? Printable(open.name->instance) : "-",
                    open.name ? std::to_string(open.name->number) : "-",
                    common::FormatRfc3339(open.since),
                    open.is_first ? std::string(common::ToText(open.verdict))
                                  : std::string(common::ToText(open.verdict)) + ", not the first"});
  }
  if (!rows.empty()) {
    text += RenderTable(
        {"PARTITION", "OFFSET", "RECORDS", "INSTANCE", "TRANSACTION", "SINCE", "VERDICT"}, rows);
  }
  for (const auto& [partition, pending] : survey.pending_offsets) {
    text += "the offset of partition " + ToText(partition) + " is pending";
    if (IsForgotten(pending)) {
      text +=
          ", for longer than a transaction of a living instance: see RestoreIsStuck in the "
          "runbook";
    }
    text += "\n";
  }
  const auto forgotten = std::count_if(survey.open.begin(), survey.open.end(),
                                       [&](const auto& open) { return IsForgotten(open, now); });
  if (forgotten > 0) {
    text += std::to_string(forgotten) +
            " are older than those of a living instance: sluicectl transactions end PARTITION…\n";
  }
  return text;
}

std::string RenderJson(const TransactionsSurvey& survey, common::WallTime now) {
  std::vector<std::string> rows;
  for (const UnendedTransaction& open : survey.open) rows.push_back(RenderOne(open, now));
  std::vector<std::string> partitions;
  std::vector<std::string> pending;
  for (const auto& [partition, offset] : survey.pending_offsets) {
    partitions.push_back(ToText(partition));
    pending.push_back(ObjectWriter()
                          .Number("partition", partition.number())
                          .Number("age_s", offset.age.count())
                          .Finish());
  }
  ObjectWriter writer;
  writer.Bool("ok", IsOk(survey, now))
      .Raw("transactions", RenderArray(rows))
      .Raw("pending_offsets", RenderArray(partitions))
      .Raw("pending", RenderArray(pending));
  if (!survey.unknown.empty()) writer.Text("unknown", survey.unknown);
  return writer.Finish() + "\n";
}

}  // namespace ctl
